package io.freshet.engine.routing;

import io.freshet.log.Durability;
import io.freshet.protocol.FrameHeader;
import io.netty.buffer.ByteBuf;

/**
 * Consecutive records of one channel, side by side in one buffer: what is appended, fanned out and kept in the recent
 * window, byte for byte the same. Filled by the shard's owner thread; immutable once it is committed, and then shared by
 * reactors, each of which retains {@link #frames} for as long as it keeps the batch.
 */
public final class Batch {
    /** A batch that has reached this many bytes takes no further record. */
    public static final int MAX_LENGTH = 64 * 1024;

    private final long channel;
    private final long firstSequence;
    private final Durability durability;
    private final ByteBuf frames;
    private final Receipts receipts;
    private int count;

    /** <em>Transfers</em> {@code frames}. */
    Batch(long channel, long firstSequence, Durability durability, ByteBuf frames, Receipts receipts) {
        this.channel = channel;
        this.firstSequence = firstSequence;
        this.durability = durability;
        this.frames = frames;
        this.receipts = receipts;
    }

    public long channel() {
        return channel;
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

    Durability durability() {
        return durability;
    }

    Receipts receipts() {
        return receipts;
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

    void added() {
        count++;
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
        Batch shared = new Batch(channel, firstSequence, durability, frames.retainedDuplicate(), receipts);
        shared.count = count;
        return shared;
    }

    /** Gives up the reference that came with it. */
    public void release() {
        frames.release();
    }
}
