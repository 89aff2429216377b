package io.freshet.protocol;

import io.netty.buffer.ByteBuf;

/** Receives the frames of one connection, in order, on the thread that owns it. */
@FunctionalInterface
public interface FrameHandler {
    /**
     * One whole frame.
     *
     * @param type its type
     * @param flags its flags, unsigned
     * @param kind its kind, unsigned
     * @param buffer holds the frame; <em>borrowed</em>, valid during the call; its indices are not to be moved
     * @param frameIndex where the frame's header starts in {@code buffer}
     * @param frameLength bytes of the frame, header included
     * @throws ProtocolException when the frame breaks the protocol; the decoder delivers nothing after it
     */
    void onFrame(FrameType type, int flags, int kind, ByteBuf buffer, int frameIndex, int frameLength);
}
