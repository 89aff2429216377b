/**
 * Frames, their codec and the error codes; {@code PROTOCOL.md} is the specification.
 *
 * <p>Bytes of a {@link io.freshet.protocol.Connection} enter a {@link io.freshet.protocol.FrameDecoder}; frames leave
 * it for a {@link io.freshet.protocol.FrameHandler}, on the thread that owns the connection. Nothing here starts a
 * thread or reads a clock.
 */
@NullMarked
package io.freshet.protocol;

import org.jspecify.annotations.NullMarked;
