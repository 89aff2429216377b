package io.freshet.engine.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.GapFrame;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.DeliveryMode;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One subscription on a connection of its own that can stop to read, and the checker of what it gets: each sequence once, in
 * order, as a record or in one gap, and no more records a second than its rate.
 */
final class PacedReader implements Outlet {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int MARK_LENGTH = 2048;

    final ReadyList ready = new ReadyList();
    final List<Long> records = new ArrayList<>();
    /** What was offered shared, in order: not what it holds, but whether it is the same. */
    final List<ByteBuf> shared = new ArrayList<>();

    private final String name;
    private final Pace pace;
    private final LongSupplier clock;
    private final List<Long> times = new ArrayList<>();
    private long next;
    private long backlogEnd;
    private int queuedLength;
    private boolean isStalled;
    private long skippedCount;

    PacedReader(String name, Pace pace, LongSupplier clock) {
        this.name = name;
        this.pace = pace;
        this.clock = clock;
    }

    Subscription subscribe(Feed feed, long first, long lastOfBacklog) {
        next = first;
        backlogEnd = lastOfBacklog;
        Subscription subscription = feed.subscribe(this, first, pace, lastOfBacklog);
        ready.add(subscription);
        return subscription;
    }

    void stall(boolean isStalling) {
        isStalled = isStalling;
        if (!isStalling) {
            queuedLength = 0;
        }
    }

    /** The network takes what was offered, unless it is stuck. */
    void drain() {
        if (!isStalled) {
            queuedLength = 0;
        }
    }

    long next() {
        return next;
    }

    long skippedCount() {
        return skippedCount;
    }

    @Override
    public boolean hasRoom() {
        return queuedLength < MARK_LENGTH;
    }

    @Override
    public boolean isDrained() {
        return queuedLength == 0;
    }

    @Override
    public void offer(ByteBuf frames) {
        check(frames, ShardScan.CHUNK_LENGTH); // it may be the second of two chunks that were read at once
        frames.release();
    }

    @Override
    public void offerShared(ByteBuf frames) {
        shared.add(frames);
        check(frames, 0);
    }

    @Override
    public void offerGap(long channel, long firstSequence, long count, GapReason reason) {
        ByteBuf frame = Unpooled.buffer();
        GapFrame.write(frame, channel, firstSequence, count, reason);
        check(frame, 0);
    }

    private void check(ByteBuf frames, int lateLength) {
        assertTrue(
                queuedLength < MARK_LENGTH + lateLength + GapFrame.FRAME_LENGTH,
                name + " got more than the hole and what follows it when it had room");
        queuedLength += frames.readableBytes();
        int at = frames.readerIndex();
        while (at < frames.writerIndex()) {
            int length = (int) FrameHeader.frameLength(frames, at);
            FrameType type = FrameType.of(frames.getByte(at + FrameHeader.TYPE_OFFSET) & 0xFF);
            if (type == FrameType.GAP) {
                onGap(Frames.parse(Gap.parser(), frames, at, length));
            } else {
                assertEquals(FrameType.RECORD, type);
                onRecord(RecordFrame.sequence(frames, at));
            }
            at += length;
        }
        assertEquals(frames.writerIndex(), at, "frames are whole");
    }

    private void onGap(Gap gap) {
        assertEquals(GapReason.GAP_REASON_SKIPPED, gap.getReason());
        assertTrue(pace.mode() != DeliveryMode.DELIVERY_MODE_EVERY, name + " may not skip");
        assertTrue(next > backlogEnd, name + " skips what it asked for");
        assertEquals(next, gap.getFirstSequence(), name);
        assertTrue(gap.getCount() > 0, name);
        next += gap.getCount();
        skippedCount += gap.getCount();
    }

    private void onRecord(long sequence) {
        assertEquals(next, sequence, name);
        next++;
        records.add(sequence);
        if (pace.isSampled() && sequence > backlogEnd) {
            times.add(clock.getAsLong());
            int before = times.size() - 1 - pace.rate();
            assertTrue(
                    before < 0 || clock.getAsLong() - times.get(before) >= SECOND_NS,
                    () -> name + " got more than " + pace.rate() + " records within a second");
        }
    }

    @Override
    public void becameReady(Subscription subscription) {
        ready.add(subscription);
    }

    @Override
    public void readDone(Subscription subscription) {
        ready.readDone(subscription);
    }

    @Override
    public void failed(Subscription subscription) {
        throw new AssertionError(name + " could not be read for");
    }
}
