package io.freshet.engine.session;

import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.v1.Error;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Connections that are not let in: each is told why and when to come again, in place of HELLO, and closed. They have no session, so that
 * refusing costs little. Who does not take the answer holds a socket for as long as the transport waits at a close; beyond a number of
 * those, connections are ended without a word. Owned by the reactor's thread.
 */
final class RefusedConnections implements ConnectionHandler {
    private static final int LINGERING_LIMIT = 16 * 1024;

    private final ByteBufAllocator allocator;
    private final ReactorCounters counters;
    private int lingeringCount;

    RefusedConnections(ByteBufAllocator allocator, ReactorCounters counters) {
        this.allocator = allocator;
        this.counters = counters;
    }

    /** Refuses one; returns what the connection is to be handled by until it is gone. */
    ConnectionHandler refuse(Connection connection, ErrorCode code, int retryAfterMs) {
        counters.failed(code);
        lingeringCount++;
        if (lingeringCount > LINGERING_LIMIT) {
            connection.abort();
            return this;
        }
        Error error = Errors.of(code, message(code)).toBuilder()
                .setRetryAfterMs(retryAfterMs)
                .build();
        ByteBuf frame = allocator.directBuffer(FrameHeader.LENGTH + error.getSerializedSize());
        Frames.write(frame, FrameType.ERROR, error);
        connection.offer(frame);
        connection.flush();
        connection.close();
        return this;
    }

    private static String message(ErrorCode code) {
        return switch (code) {
            case ADDRESS_LIMIT -> "this address has as many connections as it may have";
            case FLAPPING -> "too many short connections of this address";
            case SHUTTING_DOWN -> "the server is shutting down";
            case CONNECT_SLOT -> "many connect at the moment; this is your own slot";
            default -> "the server has as many connections as it may have";
        };
    }

    @Override
    public void onReceived(ByteBuf bytes) {
        // It was told to go; what it says does not matter.
    }

    @Override
    public void onWritable() {
        // There is nothing more to be written.
    }

    @Override
    public void onClosed() {
        lingeringCount--;
    }
}
