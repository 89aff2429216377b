package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.protocol.v1.Notice;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/** Invitations to rooms on their way to the notifier, from any thread: at most {@value #CAPACITY}. */
final class Invitations {
    private static final int CAPACITY = 1_024;

    /** A user, and what it was invited to. */
    record Invited(long user, Notice notice) {}

    private final Queue<Invited> queue = new ManyToOneConcurrentArrayQueue<>(CAPACITY);
    private final AtomicLong lostCount = new AtomicLong();
    /** Taken, and not told yet. Belongs to the notifier's thread. */
    private final List<Invited> taken = new ArrayList<>();

    /** When too many wait, this one is counted and nobody is told. Any thread. */
    void add(long user, long channel, String channelName, long inviter, long nowUs) {
        Notice notice = Notice.newBuilder()
                .setReason(Notice.Reason.REASON_INVITATION)
                .setChannel(channel)
                .setChannelName(channelName)
                .setAuthor(inviter)
                .setPostedUs(nowUs)
                .build();
        if (!queue.offer(new Invited(user, notice))) {
            lostCount.incrementAndGet();
        }
    }

    /** Takes what waits; whether there is anything to tell. */
    boolean take(Counters<NoticeCounter> counters) {
        counters.add(NoticeCounter.DROPPED, lostCount.getAndSet(0));
        Invited next = queue.poll();
        while (next != null) {
            taken.add(next);
            next = taken.size() < CAPACITY ? queue.poll() : null;
        }
        return !taken.isEmpty();
    }

    /** Those that were taken, which are forgotten here. */
    List<Invited> drain() {
        List<Invited> all = List.copyOf(taken);
        taken.clear();
        return all;
    }
}
