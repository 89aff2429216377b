package io.freshet.engine.session;

import com.google.protobuf.MessageLite;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.GapFrame;
import io.freshet.protocol.PublishedFrame;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What one session answers within a cycle, collected in one buffer and sent with one offer. Consecutive receipts and
 * consecutive refusals become one frame each. Owned by the reactor's thread.
 */
final class Replies {
    private static final int INITIAL_CAPACITY = 512;

    private final ByteBufAllocator allocator;
    private final ReactorCounters counters;
    private @Nullable ByteBuf buffer;
    private long publishedChannel;
    private long publishedNonce;
    private long publishedSequence;
    private int publishedCount;
    private long refusedChannel;
    private long refusedNonce;
    private int refusedCount;
    private ErrorCode refusedCode = ErrorCode.INTERNAL;
    private int refusedRetryMs;

    Replies(ByteBufAllocator allocator, ReactorCounters counters) {
        this.counters = counters;
        this.allocator = allocator;
    }

    void published(long channel, long firstNonce, int count, long firstSequence) {
        if (publishedCount > 0
                && publishedChannel == channel
                && publishedNonce + publishedCount == firstNonce
                && publishedSequence + publishedCount == firstSequence) {
            publishedCount += count;
            return;
        }
        writePublished();
        publishedChannel = channel;
        publishedNonce = firstNonce;
        publishedSequence = firstSequence;
        publishedCount = count;
    }

    /** @param retryAfterMs when to come again; 0 where the code alone says it; of a run the first one's counts */
    void refused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
        if (refusedCount > 0
                && refusedChannel == channel
                && refusedCode == code
                && refusedNonce + refusedCount == firstNonce) {
            refusedCount += count;
            return;
        }
        writeRefused();
        refusedChannel = channel;
        refusedNonce = firstNonce;
        refusedCount = count;
        refusedCode = code;
        refusedRetryMs = retryAfterMs > 0 ? retryAfterMs : Errors.retryAfterMs(code);
    }

    /** Adds a hole, behind everything added before. */
    void gap(long channel, long firstSequence, long count, GapReason reason) {
        writeRuns();
        GapFrame.write(buffer(), channel, firstSequence, count, reason);
    }

    /** Adds a frame behind everything added before. */
    void frame(FrameType type, MessageLite body) {
        writeRuns();
        Frames.write(buffer(), type, body);
    }

    /** Hands what was collected to the connection, before anything that is offered to it next. */
    void offerTo(Connection connection) {
        writeRuns();
        ByteBuf collected = buffer;
        if (collected != null) {
            buffer = null;
            counters.add(ReactorCounter.REPLY_BYTES, collected.readableBytes());
            connection.offer(collected);
        }
    }

    private void writeRuns() {
        writePublished();
        writeRefused();
    }

    private void writePublished() {
        if (publishedCount > 0) {
            PublishedFrame.write(buffer(), publishedChannel, publishedNonce, publishedCount, publishedSequence);
            publishedCount = 0;
        }
    }

    private void writeRefused() {
        if (refusedCount > 0) {
            Error error = Error.newBuilder()
                    .setCode(refusedCode.number())
                    .setMessage("publish refused: " + refusedCode)
                    .setChannel(refusedChannel)
                    .setFirstNonce(refusedNonce)
                    .setCount(refusedCount)
                    .setRetryAfterMs(refusedRetryMs)
                    .build();
            refusedCount = 0;
            Frames.write(buffer(), FrameType.ERROR, error);
        }
    }

    private ByteBuf buffer() {
        ByteBuf current = buffer;
        if (current == null) {
            current = allocator.directBuffer(INITIAL_CAPACITY);
            buffer = current;
        }
        return current;
    }

    void close() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }
}
