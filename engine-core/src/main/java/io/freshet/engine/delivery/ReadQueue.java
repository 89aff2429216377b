package io.freshet.engine.delivery;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Subscriptions of one connection that wait for a cold read. Every second read is for the one that waits longest, and every
 * other for the one that is farthest behind in its log: so nobody starves, and cursors that go through the same part of a log
 * come together, where one reading serves them all (see {@link ShardScan}). Owned by the reactor's thread.
 */
final class ReadQueue {
    private final ArrayDeque<Subscription> byTime = new ArrayDeque<>();
    private final PriorityQueue<Subscription> byPosition =
            new PriorityQueue<>(Comparator.comparingLong(Subscription::hintPosition));
    private boolean isLongestTurn;

    /** The subscription's position must not change while it waits. */
    void add(Subscription subscription) {
        byTime.addLast(subscription);
        byPosition.add(subscription);
    }

    boolean isEmpty() {
        return byTime.isEmpty();
    }

    /** Takes the one whose turn it is, or null; those that were closed are passed over. */
    @Nullable
    Subscription poll() {
        while (!byTime.isEmpty()) {
            isLongestTurn = !isLongestTurn;
            Subscription taken;
            if (isLongestTurn) {
                taken = byTime.removeFirst();
                byPosition.remove(taken);
            } else {
                taken = byPosition.remove();
                byTime.remove(taken);
            }
            if (!taken.isClosed()) {
                return taken;
            }
        }
        return null;
    }
}
