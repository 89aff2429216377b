package io.freshet.protocol;

import io.netty.buffer.ByteBuf;

/** What happens to a {@link Connection}, told on its owner thread. */
public interface ConnectionHandler {
    /** Bytes arrived. <em>Borrows</em>: the buffer is released by the caller afterwards; keep a copy or retain it. */
    void onReceived(ByteBuf bytes);

    /**
     * The peer broke a rule of what carries the bytes, such as WebSocket's; nothing more is received. The handler should say
     * so and close.
     */
    default void onBreach(ErrorCode code, String message) {}

    /** The connection was not writable and is again. */
    void onWritable();

    /** The last call. What was offered and not sent is lost. */
    void onClosed();
}
