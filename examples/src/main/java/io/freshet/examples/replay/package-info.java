/**
 * Plays IRC logs against a server: each log into its channel, each speaker over a connection of their own.
 *
 * <p>Each log has one thread, which publishes line after line; all connections share the threads of one {@link
 * io.freshet.client.ClientRuntime}.
 */
@NullMarked
package io.freshet.examples.replay;

import org.jspecify.annotations.NullMarked;
