package io.freshet.engine.delivery;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Subscriptions of one connection that wait for a cold read. Most reads are for the one that is farthest behind in its log, so
 * that cursors that go through the same part of a log come together, where one reading serves them all (see {@link
 * ShardScan}); one that was not read yet counts as farthest. Now and then it is the turn of the one that waits longest: so
 * nobody starves. Owned by the reactor's thread.
 */
final class ReadQueue {
    /** With every second turn instead, cursors that had once parted stayed apart: the log was read up to six times. */
    private static final int TURNS_PER_LONGEST = 32;

    private final ArrayDeque<Subscription> byTime = new ArrayDeque<>();
    private final PriorityQueue<Subscription> byPosition =
            new PriorityQueue<>(Comparator.comparingLong(Subscription::hintPosition));
    private int turn;

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
            Subscription taken;
            if (++turn % TURNS_PER_LONGEST == 0) {
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
