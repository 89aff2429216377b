package io.freshet.engine.routing;

import io.freshet.log.MessageLog;
import io.freshet.protocol.FrameHeader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive records of one channel, side by side in one buffer: what is appended, fanned out and kept in the recent
 * window, byte for byte the same. Filled by the shard's owner thread; immutable once it is committed, and then shared by
 * reactors, each of which retains {@link #frames} for as long as it keeps the batch.
 */
public final class Batch {
    /** A batch that has reached this many bytes takes no further record. */
    public static final int MAX_LENGTH = 64 * 1024;

    private final Sequencer sequencer;
    private final long firstSequence;
    private final ByteBuf frames;
    private @Nullable Receipts receipts;
    private int count;
    private long lastTimestampUs;
    private long ordinal;
    private long position = MessageLog.NULL_POSITION;

    /** <em>Transfers</em> {@code frames}. */
    Batch(Sequencer sequencer, long firstSequence, ByteBuf frames, @Nullable Receipts receipts) {
        this.sequencer = sequencer;
        this.firstSequence = firstSequence;
        this.frames = frames;
        this.receipts = receipts;
    }

    public long channel() {
        return sequencer.channel();
    }

    Sequencer sequencer() {
        return sequencer;
    }

    /** Where in the log it is kept. */
    public long position() {
        return position;
    }

    /** Which append it was part of. */
    long ordinal() {
        return ordinal;
    }

    void appended(long appendOrdinal, long logPosition) {
        ordinal = appendOrdinal;
        position = logPosition;
        sequencer.appended(this);
    }

    public long firstSequence() {
        return firstSequence;
    }

    public long lastSequence() {
        return firstSequence + count - 1;
    }

    public int count() {
        return count;
    }

    /** What it owes its publishers; until they were told. */
    Receipts receipts() {
        Receipts owed = receipts;
        assert owed != null;
        return owed;
    }

    /** Its publishers were told: the receipts may serve another batch. */
    Receipts takeReceipts() {
        Receipts told = receipts();
        receipts = null;
        return told;
    }

    /** Whole RECORD frames. <em>Borrowed</em>: retain it to keep it. */
    public ByteBuf frames() {
        return frames;
    }

    /** Bytes of the frames. */
    public int length() {
        return frames.readableBytes();
    }

    boolean hasRoom(int frameLength) {
        return frames.writerIndex() + frameLength <= MAX_LENGTH;
    }

    void added(long timestampUs) {
        count++;
        lastTimestampUs = timestampUs;
    }

    /** Time stamp of the last record: none of the batch has a later one. */
    long lastTimestampUs() {
        return lastTimestampUs;
    }

    /** Offset in {@link #frames} of the record with this sequence, which must be in the batch. */
    public int offsetOf(long sequence) {
        int offset = frames.readerIndex();
        for (long s = firstSequence; s < sequence; s++) {
            offset += (int) FrameHeader.frameLength(frames, offset);
        }
        return offset;
    }

    /**
     * The same records under a reference count of their own, for one more reactor: so each reactor can tell whether
     * anybody of its own still holds them. The caller releases it.
     */
    public Batch share() {
        Batch shared = new Batch(sequencer, firstSequence, frames.retainedDuplicate(), null);
        shared.count = count;
        shared.position = position;
        return shared;
    }

    /** Gives up the reference that came with it. */
    public void release() {
        frames.release();
    }
}
