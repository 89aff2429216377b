package io.freshet.engine.session;

import io.freshet.engine.Rate;
import io.freshet.engine.limit.TokenBucket;
import io.freshet.engine.mailbox.CycleClock;
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
import java.util.Objects;

/**
 * Connections that are not let in: each is told why and when to come again, in place of HELLO, and closed. They have no session, so that
 * refusing costs little. Who does not take the answer holds a socket for as long as the transport waits at a close; beyond a number of
 * those, connections are ended without a word. So are encrypted ones of an address that has too many or too short ones, beyond some a second: to
 * tell them takes a handshake, which is what such an address must not have for nothing. Owned by the reactor's thread.
 */
final class RefusedConnections implements ConnectionHandler {
    /** A handshake takes up to a millisecond: a tenth of the reactor's time. */
    static final Rate HANDSHAKES = new Rate(100, 100);

    private static final int LINGERING_LIMIT = 16 * 1024;

    private final ByteBufAllocator allocator;
    private final ReactorCounters counters;
    private final CycleClock clock;
    private final TokenBucket handshakes;
    private int lingeringCount;

    RefusedConnections(ByteBufAllocator allocator, ReactorCounters counters, CycleClock clock) {
        this.allocator = allocator;
        this.counters = counters;
        this.clock = clock;
        handshakes = Objects.requireNonNull(TokenBucket.of(HANDSHAKES, clock.nowNs()));
    }

    /** Refuses one; returns what the connection is to be handled by until it is gone. */
    ConnectionHandler refuse(Connection connection, ErrorCode code, int retryAfterMs) {
        counters.failed(code);
        boolean isCostly = connection.isEncrypted() && !isWorthAHandshake(code);
        if (lingeringCount >= LINGERING_LIMIT || isCostly) {
            return drop(connection);
        }
        lingeringCount++;
        Error error = Errors.of(code, message(code)).toBuilder()
                .setRetryAfterMs(retryAfterMs)
                .build();
        try {
            ByteBuf frame = allocator.directBuffer(FrameHeader.LENGTH + error.getSerializedSize());
            Frames.write(frame, FrameType.ERROR, error);
            connection.offer(frame);
            connection.flush();
            connection.close();
        } catch (OutOfMemoryError e) {
            connection.abort();
        }
        return this;
    }

    private boolean isWorthAHandshake(ErrorCode code) {
        boolean isOfAddress = code == ErrorCode.FLAPPING || code == ErrorCode.ADDRESS_LIMIT;
        return !isOfAddress || handshakes.take(clock.nowNs()) == 0;
    }

    /** Ends one without a word; returns what it is to be handled by until it is gone. */
    ConnectionHandler drop(Connection connection) {
        lingeringCount++;
        connection.abort();
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
