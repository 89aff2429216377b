package io.freshet.engine.signal;

import io.freshet.engine.Principal;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.routing.Attachment;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.Publisher;
import io.freshet.engine.routing.Shard;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How one channel's counters outlive the process: now and then an event of the channel says what they stand at, published by the
 * server under nonces of an instance that no client can have, so that it learns what became of it. Owned by the shard's thread.
 */
final class SavedTotals implements Publisher, Attachment.Listener {
    /** At most so often: what is counted within it is lost with the process. */
    static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);

    private static final int INSTANCE = 0;

    private final long channel;
    private final int reactor;
    private final Shard shard;
    private final ByteBufAllocator allocator;
    private final Supplier<byte[]> totals;
    private @Nullable Producer producer;
    private int lastCounter;
    private long nextNs;
    private boolean isSaving;
    private boolean isUnsaved;
    /** Whether {@link #settle} has tried since the last tick. */
    private boolean hasTried;

    /** Whether the last refusal is not one that passes by itself, soon. */
    private boolean isRefusedForLong;

    private long savedCount;

    /**
     * @param reactor the shard's
     * @param totals gives the payload of an event
     */
    SavedTotals(
            long channel, int reactor, Shard shard, ByteBufAllocator allocator, Supplier<byte[]> totals, long nowNs) {
        this.channel = channel;
        this.reactor = reactor;
        this.shard = shard;
        this.allocator = allocator;
        this.totals = totals;
        nextNs = nowNs;
    }

    /** The counters stand at something that no event says. */
    void changed() {
        isUnsaved = true;
    }

    /** Whether every event that is to be there is committed. */
    boolean isSaved() {
        return !isUnsaved && !isSaving;
    }

    /** Events that are committed. */
    long savedCount() {
        return savedCount;
    }

    /** Publishes an event if one is due. */
    void onTick(long nowNs) {
        hasTried = false;
        if (isUnsaved && !isSaving && nowNs - nextNs >= 0) {
            nextNs = nowNs + INTERVAL_NS;
            save();
        }
    }

    /**
     * Publishes what no event says yet without waiting for its time, once a tick; whether nothing is left to do, or the channel takes none: nobody waits
     * for a disk that is full.
     */
    boolean settle() {
        if (isUnsaved && !isSaving && !hasTried) {
            hasTried = true;
            save();
        }
        return !isSaving && (!isUnsaved || isRefusedForLong);
    }

    private void save() {
        isSaving = true;
        shard.attach(channel, new Attachment(reactor, Principal.SYSTEM.id(), INSTANCE, false, this, this));
    }

    @Override
    public void onAttached(
            Producer attached,
            int epoch,
            long head,
            long first,
            int nonceCounter,
            @Nullable KnownAttributes attributes) {
        producer = attached;
        lastCounter = nonceCounter;
        isUnsaved = false;
        ErrorCode refusal = publish(attached);
        if (refusal != null) {
            onRefused(channel, lastCounter, 1, refusal, 0);
        }
    }

    private @Nullable ErrorCode publish(Producer attached) {
        byte[] payload = totals.get();
        ByteBuf frame;
        try {
            frame = allocator.directBuffer(RecordFrame.frameLength(payload.length));
        } catch (OutOfMemoryError e) {
            return ErrorCode.OVERLOADED;
        }
        try {
            RecordFrame.writeHead(
                    frame,
                    EventKind.TOTALS.code(),
                    channel,
                    0,
                    0,
                    0,
                    Integer.toUnsignedLong(lastCounter + 1),
                    payload.length);
            frame.writeBytes(payload);
            return shard.publish(attached, frame, frame.readerIndex(), frame.readableBytes());
        } finally {
            frame.release();
        }
    }

    @Override
    public void onAttachFailed(ErrorCode code) {
        isUnsaved &= code != ErrorCode.UNKNOWN_CHANNEL; // one that is over has no totals
        refused(code);
        isSaving = false;
    }

    @Override
    public void onCommitted(long ofChannel, long firstNonce, int count, long firstSequence) {
        savedCount++;
        hasTried = false;
        isRefusedForLong = false;
        done();
    }

    @Override
    public void onRefused(long ofChannel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
        isUnsaved |= code != ErrorCode.UNKNOWN_CHANNEL;
        refused(code);
        done();
    }

    private void refused(ErrorCode code) {
        isRefusedForLong = !code.isRetryable() || code == ErrorCode.STORAGE_FULL;
    }

    private void done() {
        isSaving = false;
        Producer held = producer;
        if (held != null) {
            producer = null;
            shard.detach(held);
        }
    }
}
