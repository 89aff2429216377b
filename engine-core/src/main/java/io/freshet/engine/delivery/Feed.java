package io.freshet.engine.delivery;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.routing.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private final SampleSchedule schedule;
    private final BatchRing window = new BatchRing();
    private @Nullable Subscription[] atHead = new @Nullable Subscription[INITIAL_CAPACITY];
    private int atHeadCount;
    /** One for each rate of sampled subscriptions; null while there are none, as mostly. */
    private @Nullable List<SampleGroup> groups;

    private int userCount;
    private long head;
    private long unusedSinceNs;
    private long erasedUpTo;

    Feed(long channel, ReactorCounters counters, SampleSchedule schedule) {
        this.counters = counters;
        this.schedule = schedule;
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
            tellGroups();
        }
    }

    ReactorCounters counters() {
        return counters;
    }

    BatchRing window() {
        return window;
    }

    /** Whether {@link Feeds} has it on its list of those whose subscriptions are counted anew. */
    boolean isRecounted;

    /** Sessions that have a subscription, or are getting one. */
    public int subscriptionCount() {
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

    /** Makes a cursor that gets every record; it starts behind and is to be put into its session's ready list. */
    public Subscription subscribe(Outlet outlet, long next) {
        return subscribe(outlet, next, Pace.EVERY, next);
    }

    /**
     * Makes a cursor of any pace.
     *
     * @param backlogEnd the last sequence that it is to get in any case, below {@code next} for none
     */
    public Subscription subscribe(Outlet outlet, long next, Pace pace, long backlogEnd) {
        counters.add(ReactorCounter.SUBSCRIPTIONS_BEHIND, 1);
        SampleGroup group = pace.isSampled() ? acquireGroup(pace) : null;
        return new Subscription(this, outlet, next, group, pace.maySkip() ? backlogEnd : Long.MAX_VALUE);
    }

    private SampleGroup acquireGroup(Pace pace) {
        if (groups == null) {
            groups = new ArrayList<>();
        }
        for (SampleGroup group : groups) {
            if (group.pace().equals(pace)) {
                group.acquire();
                return group;
            }
        }
        SampleGroup made = new SampleGroup(this, pace, schedule);
        made.acquire();
        groups.add(made);
        return made;
    }

    /** Ends a cursor, wherever it is. */
    public void unsubscribe(Subscription subscription) {
        subscription.closed();
        removeFromHead(subscription);
        counters.add(ReactorCounter.SUBSCRIPTIONS_BEHIND, -1);
        SampleGroup group = subscription.group();
        if (group != null) {
            group.letGo();
        }
    }

    /** Drops groups that nobody uses; not sooner than their rate allows, so that it binds also who leaves and comes again. */
    void dropGroups(long nowNs) {
        if (groups != null) {
            groups.removeIf(group -> group.isRested(nowNs));
            groups = groups.isEmpty() ? null : groups;
        }
    }

    /**
     * A batch was committed. Subscriptions at the head get it; one whose connection has no room (another channel may have
     * taken it) leaves the head instead and costs no later batch anything until it has caught up; so does one that did not get the
     * batch before, since another's connection failed in the middle of it. A batch that does not follow the head stands behind a
     * lost one: then everybody is behind and catches up from the log.
     */
    void onBatch(Batch batch, RecentWindow recent) {
        if (batch.lastSequence() <= head) {
            return;
        }
        if (batch.firstSequence() != head + 1 || batch.firstSequence() <= erasedUpTo) {
            headAtLeast(batch.lastSequence(), recent);
            return;
        }
        head = batch.lastSequence();
        recent.add(this, batch);
        int deliveredCount = 0;
        for (int i = atHeadCount - 1; i >= 0; i--) {
            Subscription subscription = headAt(i);
            if (subscription.next() == batch.firstSequence()
                    && subscription.outlet().hasRoom()) {
                subscription.deliver(batch);
                deliveredCount++;
            } else {
                sendBehind(subscription);
            }
        }
        tellGroups();
        counters.add(ReactorCounter.HEAD_RECORDS, (long) deliveredCount * batch.count());
        counters.add(ReactorCounter.HEAD_BYTES, (long) deliveredCount * batch.length());
    }

    private void tellGroups() {
        if (groups != null) {
            for (int i = 0; i < groups.size(); i++) {
                groups.get(i).schedule();
            }
        }
    }

    /** Whether the cursor has everything, or what its group will give it; then it stands at the head from now on. */
    boolean joinHead(Subscription subscription) {
        if (subscription.isBehind()) {
            return false;
        }
        counters.add(ReactorCounter.SUBSCRIPTIONS_AT_HEAD, 1);
        counters.add(ReactorCounter.SUBSCRIPTIONS_BEHIND, -1);
        SampleGroup group = subscription.group();
        if (group != null) {
            group.add(subscription);
            return true;
        }
        if (atHeadCount == atHead.length) {
            atHead = Arrays.copyOf(atHead, atHeadCount * 2);
        }
        subscription.headIndex(atHeadCount);
        atHead[atHeadCount++] = subscription;
        return true;
    }

    /** The batch of the recent window that holds this sequence, or null. */
    @Nullable
    Batch find(long sequence) {
        WindowEntry entry = window.find(sequence);
        return entry == null ? null : entry.batch();
    }

    /** Batches up to this sequence may hold what was erased: none is handed on any more, also one that is still on its way here. */
    void onErased(long lastSequence, RecentWindow recent) {
        erasedUpTo = Math.max(erasedUpTo, lastSequence);
        recent.drop(this, lastSequence);
    }

    private void leaveHead() {
        while (atHeadCount > 0) {
            sendBehind(headAt(atHeadCount - 1));
        }
    }

    /** The cursor leaves the head and gets its turn when its connection has room. */
    void sendBehind(Subscription subscription) {
        removeFromHead(subscription);
        subscription.outlet().becameReady(subscription);
    }

    private void removeFromHead(Subscription subscription) {
        int index = subscription.headIndex();
        if (index == Subscription.NOT_AT_HEAD) {
            return;
        }
        SampleGroup group = subscription.group();
        if (group != null) {
            group.remove(subscription);
        } else {
            Subscription last = headAt(--atHeadCount);
            atHead[index] = last;
            last.headIndex(index);
            atHead[atHeadCount] = null;
        }
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
