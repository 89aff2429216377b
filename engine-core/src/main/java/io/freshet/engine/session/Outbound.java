package io.freshet.engine.session;

import com.google.protobuf.MessageLite;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The way out of one session: its answers, collected within a cycle, and records behind those collected before. Owned by the
 * reactor's thread.
 *
 * <p>Nothing here throws for want of memory: whoever hands something on, a shard its receipts or a feed a batch, has others to
 * hand it to. A connection for which there is no memory is cut, since what comes next would leave a hole; its client may come back and
 * resume.
 */
final class Outbound {
    private final Connection connection;
    private final Sessions sessions;
    private final Replies replies;
    private final ReactorCounters counters;
    private boolean isOffered;
    private boolean isCut;

    /** @param sessions told how much is offered between two flushes */
    Outbound(Connection connection, Sessions sessions, ByteBufAllocator allocator, ReactorCounters counters) {
        this.connection = connection;
        this.sessions = sessions;
        this.counters = counters;
        replies = new Replies(allocator, counters);
    }

    /** There is no memory for what this session is to send, or has received. */
    void cut() {
        if (!isCut) {
            isCut = true;
            counters.add(ReactorCounter.NO_MEMORY, 1);
            connection.abort();
        }
    }

    /** Adds a frame behind everything added before. */
    void frame(FrameType type, MessageLite body) {
        try {
            replies.frame(type, body);
        } catch (OutOfMemoryError e) {
            cut();
        }
    }

    /** Adds a hole, behind everything added before. */
    void gap(long channel, long firstSequence, long count, GapReason reason) {
        try {
            replies.gap(channel, firstSequence, count, reason);
        } catch (OutOfMemoryError e) {
            cut();
        }
    }

    void published(long channel, long firstNonce, int count, long firstSequence) {
        try {
            replies.published(channel, firstNonce, count, firstSequence);
        } catch (OutOfMemoryError e) {
            cut();
        }
    }

    void refused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
        try {
            replies.refused(channel, firstNonce, count, code, retryAfterMs);
        } catch (OutOfMemoryError e) {
            cut();
        }
    }

    /** Whether more may be offered. Answers collected so far go out before the next record, so they take their room first. */
    boolean hasRoom() {
        offerReplies();
        return !isCut && connection.isWritable();
    }

    /** Whether the network has taken everything that was offered. */
    boolean isDrained() {
        return !isCut && connection.outboundLength() == 0;
    }

    /** Sends whole frames after everything before. <em>Transfers</em> one reference. */
    void offer(ByteBuf frames) {
        offering(frames.readableBytes());
        try {
            connection.offer(frames);
        } catch (OutOfMemoryError e) {
            cut();
        }
    }

    /** Sends whole frames that others share, after everything before. <em>Borrows</em> them. */
    void offerShared(ByteBuf frames) {
        offering(frames.readableBytes());
        try {
            connection.offerShared(frames);
        } catch (OutOfMemoryError e) {
            cut();
        }
    }

    private void offering(int length) {
        offerReplies();
        sessions.offered(length, !isOffered);
        isOffered = true;
    }

    private void offerReplies() {
        try {
            replies.offerTo(connection);
        } catch (OutOfMemoryError e) {
            cut();
        }
    }

    /** Sends everything; ends the connection behind it when it {@code isLast}. */
    void flush(boolean isLast) {
        isOffered = false;
        offerReplies();
        try {
            connection.flush();
            if (isLast) {
                connection.close();
            }
        } catch (OutOfMemoryError e) {
            cut();
        }
    }

    /** Runs {@code done} once everything so far is given to the network, or never will be. */
    void afterWritten(Runnable done) {
        offerReplies();
        connection.afterWritten(done);
    }

    /** Replaces what is queued by a private copy; whether there was something. */
    boolean compact() {
        try {
            return connection.compact() > 0;
        } catch (OutOfMemoryError e) {
            cut(); // so that it lets go of what it shares nevertheless
            return false;
        }
    }

    /** Drops what was collected, when the connection has ended. */
    void close() {
        replies.close();
    }
}
