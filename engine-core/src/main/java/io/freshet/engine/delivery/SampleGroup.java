package io.freshet.engine.delivery;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.routing.Batch;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.GapFrame;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sampled subscriptions of one channel and one rate on one reactor. Some records after the last sample, and not before the
 * rate allows, all of them get the newest record and, before it, the hole that it leaves: bytes that are put together once and
 * shared. Owned by the reactor's thread.
 *
 * <p>A member may stand anywhere behind the head: who has joined or had no room since the last sample has a hole of its own
 * before the same record. So nobody needs to catch up, and nobody gets more than the rate allows.
 */
final class SampleGroup {
    private static final int INITIAL_CAPACITY = 4;
    private static final long NEVER = Long.MIN_VALUE;

    private final Feed feed;
    private final Pace pace;
    private final SampleSchedule schedule;
    private @Nullable Subscription[] members = new @Nullable Subscription[INITIAL_CAPACITY];
    private int memberCount;
    private int userCount;
    private long dueNs;
    private long lastNs = NEVER;
    /** The sequence that members expect which got the last sample. */
    private long sharedNext;

    private boolean isScheduled;

    SampleGroup(Feed feed, Pace pace, SampleSchedule schedule) {
        this.feed = feed;
        this.pace = pace;
        this.schedule = schedule;
    }

    Pace pace() {
        return pace;
    }

    void acquire() {
        userCount++;
    }

    void letGo() {
        userCount--;
    }

    /** Whether no subscription uses it, and one that comes may have a record at once. */
    boolean isRested(long nowNs) {
        return userCount == 0 && (lastNs == NEVER || nowNs - lastNs >= pace.intervalNs());
    }

    long dueNs() {
        return dueNs;
    }

    void dueNs(long timeNs) {
        dueNs = timeNs;
    }

    void add(Subscription subscription) {
        if (memberCount == members.length) {
            members = Arrays.copyOf(members, memberCount * 2);
        }
        subscription.headIndex(memberCount);
        members[memberCount++] = subscription;
        if (subscription.next() <= feed.head()) {
            schedule();
        }
    }

    void remove(Subscription subscription) {
        int index = subscription.headIndex();
        Subscription last = member(--memberCount);
        members[index] = last;
        last.headIndex(index);
        members[memberCount] = null;
    }

    private Subscription member(int index) {
        Subscription member = members[index];
        assert member != null;
        return member;
    }

    /** There is something new to deliver. */
    void schedule() {
        if (!isScheduled && memberCount > 0) {
            isScheduled = true;
            schedule.add(this, lastNs == NEVER ? NEVER : lastNs + pace.intervalNs());
        }
    }

    /** Gives every member that has not got it the newest record. When only its number is known, they leave to have it read. */
    void sample(long nowNs) {
        isScheduled = false;
        if (memberCount == 0) {
            return;
        }
        lastNs = nowNs;
        long head = feed.head();
        Batch batch = feed.find(head);
        if (batch == null) {
            sendAway(head);
            return;
        }
        ByteBuf frames = batch.frames();
        int at = batch.offsetOf(head);
        ByteBuf record = frames.slice(at, (int) FrameHeader.frameLength(frames, at));
        ByteBuf shared = withHole(record, head);
        if (shared == null) {
            schedule();
            return;
        }
        for (int i = memberCount - 1; i >= 0; i--) {
            Subscription member = member(i);
            if (member.next() <= head) {
                sample(member, head, batch, record, shared);
            }
        }
        shared.release();
        sharedNext = head + 1;
    }

    private void sample(Subscription member, long head, Batch batch, ByteBuf record, ByteBuf shared) {
        if (member.skipsSample()) {
            schedule(); // it had a record of its own since the last sample
        } else if (!member.outlet().hasRoom()) {
            feed.sendBehind(member);
        } else {
            boolean isShared = member.next() == sharedNext;
            ReactorCounters counters = feed.counters();
            if (isShared && head > sharedNext) {
                counters.skipped(GapReason.GAP_REASON_SKIPPED, head - sharedNext);
            } else if (!isShared) {
                member.skipTo(head);
            }
            counters.add(ReactorCounter.HEAD_RECORDS, 1);
            counters.add(ReactorCounter.HEAD_BYTES, record.readableBytes());
            member.deliver(isShared ? shared : record, head, batch.position());
        }
    }

    /** The hole that the last sample and this one leave, and the record; null when there is no memory. The caller owns it. */
    private @Nullable ByteBuf withHole(ByteBuf record, long head) {
        boolean hasHole = sharedNext > 0 && head > sharedNext;
        ByteBuf bytes;
        try {
            bytes = record.alloc().directBuffer(GapFrame.FRAME_LENGTH + record.readableBytes());
        } catch (OutOfMemoryError e) {
            return null;
        }
        if (hasHole) {
            GapFrame.write(bytes, feed.channel(), sharedNext, head - sharedNext, GapReason.GAP_REASON_SKIPPED);
        }
        return bytes.writeBytes(record, record.readerIndex(), record.readableBytes());
    }

    private void sendAway(long head) {
        for (int i = memberCount - 1; i >= 0; i--) {
            Subscription member = member(i);
            if (member.next() > head) {
                continue;
            }
            if (member.skipsSample()) {
                schedule();
            } else {
                member.mustRead();
                feed.sendBehind(member);
            }
        }
    }
}
