package io.freshet.engine.delivery;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.routing.Batch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One channel on one reactor: its committed head as far as this reactor knows it, the subscriptions that stand there, and
 * the batches that are still in the recent window, which always reach up to the head without a hole. Owned by the
 * reactor's thread.
 */
public final class Feed {
    private static final int INITIAL_CAPACITY = 4;

    private final long channel;
    private final ReactorCounters counters;
    private final BatchRing window = new BatchRing();
    private @Nullable Subscription[] atHead = new @Nullable Subscription[INITIAL_CAPACITY];
    private int atHeadCount;
    private int userCount;
    private long head;
    private long unusedSinceNs;

    Feed(long channel, ReactorCounters counters) {
        this.counters = counters;
        this.channel = channel;
    }

    public long channel() {
        return channel;
    }

    /** The last sequence committed, as far as this reactor has been told. */
    public long head() {
        return head;
    }

    /** Learns the head from the channel's owner; it may already know better. */
    public void headAtLeast(long sequence, RecentWindow recent) {
        if (sequence > head) {
            recent.clear(this);
            head = sequence;
            leaveHead();
        }
    }

    ReactorCounters counters() {
        return counters;
    }

    BatchRing window() {
        return window;
    }

    int userCount() {
        return userCount;
    }

    void acquire() {
        userCount++;
    }

    void letGo(long nowNs) {
        userCount--;
        unusedSinceNs = nowNs;
    }

    boolean isUnusedSince(long olderThanNs) {
        return userCount == 0 && unusedSinceNs - olderThanNs < 0;
    }

    /** Makes a cursor; it starts behind and is to be put into its session's ready list. */
    public Subscription subscribe(Outlet outlet, long next) {
        counters.add(ReactorCounter.SUBSCRIPTIONS_BEHIND, 1);
        return new Subscription(this, outlet, next);
    }

    /** Ends a cursor, wherever it is. */
    public void unsubscribe(Subscription subscription) {
        subscription.closed();
        removeFromHead(subscription);
        counters.add(ReactorCounter.SUBSCRIPTIONS_BEHIND, -1);
    }

    /**
     * A batch was committed. Subscriptions at the head get it; one whose connection has no room (another channel may have
     * taken it) leaves the head instead and costs no later batch anything until it has caught up. A batch that does not
     * follow the head stands behind a lost one: then everybody is behind and catches up from the log.
     */
    void onBatch(Batch batch, RecentWindow recent) {
        if (batch.lastSequence() <= head) {
            return;
        }
        if (batch.firstSequence() != head + 1) {
            headAtLeast(batch.lastSequence(), recent);
            return;
        }
        head = batch.lastSequence();
        recent.add(this, batch);
        int deliveredCount = 0;
        for (int i = atHeadCount - 1; i >= 0; i--) {
            Subscription subscription = headAt(i);
            if (subscription.outlet().hasRoom()) {
                subscription.deliver(batch);
                deliveredCount++;
            } else {
                removeFromHead(subscription);
                subscription.outlet().becameReady(subscription);
            }
        }
        counters.add(ReactorCounter.HEAD_RECORDS, (long) deliveredCount * batch.count());
        counters.add(ReactorCounter.HEAD_BYTES, (long) deliveredCount * batch.length());
    }

    /** Whether the cursor has everything; then it stands at the head from now on. */
    boolean joinHead(Subscription subscription) {
        if (subscription.next() <= head) {
            return false;
        }
        if (atHeadCount == atHead.length) {
            atHead = Arrays.copyOf(atHead, atHeadCount * 2);
        }
        subscription.headIndex(atHeadCount);
        atHead[atHeadCount++] = subscription;
        counters.add(ReactorCounter.SUBSCRIPTIONS_AT_HEAD, 1);
        counters.add(ReactorCounter.SUBSCRIPTIONS_BEHIND, -1);
        return true;
    }

    /** The batch of the recent window that holds this sequence, or null. */
    @Nullable
    Batch find(long sequence) {
        WindowEntry entry = window.find(sequence);
        return entry == null ? null : entry.batch();
    }

    private void leaveHead() {
        while (atHeadCount > 0) {
            Subscription subscription = headAt(atHeadCount - 1);
            removeFromHead(subscription);
            subscription.outlet().becameReady(subscription);
        }
    }

    private void removeFromHead(Subscription subscription) {
        int index = subscription.headIndex();
        if (index == Subscription.NOT_AT_HEAD) {
            return;
        }
        Subscription last = headAt(--atHeadCount);
        atHead[index] = last;
        last.headIndex(index);
        atHead[atHeadCount] = null;
        subscription.headIndex(Subscription.NOT_AT_HEAD);
        counters.add(ReactorCounter.SUBSCRIPTIONS_AT_HEAD, -1);
        counters.add(ReactorCounter.SUBSCRIPTIONS_BEHIND, 1);
    }

    private Subscription headAt(int index) {
        Subscription subscription = atHead[index];
        assert subscription != null;
        return subscription;
    }
}
