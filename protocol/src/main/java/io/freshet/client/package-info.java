/**
 * The Java client: connect, open, publish, follow, fetch, resume.
 *
 * <pre>
 *   any thread                        the client's thread
 *   FreshetClient, Channel ─► commands ─► ClientCore ─► ClientChannel ─► ServerSession ─► Connection ─► server
 *   futures, RecordHandler ◄──────────────────────────────────────── FrameDecoder ◄── Connection
 * </pre>
 *
 * <p>Everything behind the bounded queue runs on one thread, which a {@link io.freshet.client.ClientTransport} gives
 * together with time and the network: a Netty event loop, a reactor of the engine, or a simulation.
 */
@NullMarked
package io.freshet.client;

import org.jspecify.annotations.NullMarked;
