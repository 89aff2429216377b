package io.freshet.engine.notice;

import io.freshet.protocol.v1.Notice;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/** Notices that are in inboxes now, whoever wrote them, from the indexers' threads to the notifier's: at most {@value #CAPACITY} wait. */
final class WrittenNotices {
    private static final int CAPACITY = 1 << 14;

    private record Written(long user, long sequence, Notice notice) {}

    private final Queue<Written> queue = new ManyToOneConcurrentArrayQueue<>(CAPACITY);
    private final boolean isWanted;
    private final AtomicLong lostCount = new AtomicLong();

    /** @param isWanted whether anybody takes them */
    WrittenNotices(boolean isWanted) {
        this.isWanted = isWanted;
    }

    /** Receives a notice, which has this sequence in its user's inbox. */
    @FunctionalInterface
    interface Visitor {
        void onNotice(long user, long sequence, Notice notice);
    }

    /** When too many wait, this one is counted. Any thread. */
    void add(long user, long sequence, Notice notice) {
        if (isWanted && !queue.offer(new Written(user, sequence, notice))) {
            lostCount.incrementAndGet();
        }
    }

    /** Hands on at most so many; returns how many that were. The notifier's thread. */
    int drain(int limit, Visitor visitor) {
        int count = 0;
        while (count < limit) {
            Written next = queue.poll();
            if (next == null) {
                break;
            }
            visitor.onNotice(next.user, next.sequence, next.notice);
            count++;
        }
        return count;
    }

    /** How many were lost since this was asked last. */
    long takeLostCount() {
        return lostCount.get() == 0 ? 0 : lostCount.getAndSet(0);
    }
}
