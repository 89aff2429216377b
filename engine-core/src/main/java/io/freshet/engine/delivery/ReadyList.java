package io.freshet.engine.delivery;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.routing.Batch;
import io.netty.buffer.ByteBuf;

/**
 * The subscriptions of one connection that are behind, each fed one batch or chunk a turn while the connection has room;
 * at most one of them has a cold read under way, so that one connection cannot take more than one chunk from the log beyond
 * its mark. Owned by the reactor's thread.
 */
public final class ReadyList {
    private final SubscriptionQueue ready = new SubscriptionQueue();
    private final SubscriptionQueue waitingForRead = new SubscriptionQueue();
    private boolean isReading;

    /** Puts a subscription last. */
    public void add(Subscription subscription) {
        ready.add(subscription);
    }

    /** The cold read that was under way has ended; the next that needs one gets its turn. */
    public void readDone() {
        isReading = false;
        ready.takeAll(waitingForRead);
    }

    public boolean isEmpty() {
        return ready.isEmpty();
    }

    /**
     * Serves subscriptions in turn until the outlet is full, nothing more can be done without a cold read, or the limit is
     * reached.
     *
     * @return whether it stopped at the limit, so that there is more to do in the next cycle
     */
    public boolean pump(Outlet outlet, ColdReads coldReads, int limit) {
        for (int turn = 0; turn < limit; turn++) {
            Subscription subscription = outlet.hasRoom() ? ready.poll() : null;
            if (subscription == null) {
                return false;
            }
            if (!subscription.isClosed() && !subscription.feed().joinHead(subscription)) {
                feed(subscription, coldReads);
            }
        }
        return !ready.isEmpty() && outlet.hasRoom();
    }

    private void feed(Subscription subscription, ColdReads coldReads) {
        Batch batch = subscription.feed().find(subscription.next());
        if (batch != null) {
            ByteBuf frames = batch.frames();
            int from = batch.offsetOf(subscription.next());
            ReactorCounters counters = subscription.feed().counters();
            counters.add(ReactorCounter.WINDOW_RECORDS, batch.lastSequence() + 1 - subscription.next());
            counters.add(ReactorCounter.WINDOW_BYTES, frames.writerIndex() - from);
            subscription.deliver(frames.retainedSlice(from, frames.writerIndex() - from), batch);
            ready.add(subscription);
        } else if (isReading) {
            waitingForRead.add(subscription);
        } else {
            isReading = true;
            coldReads.request(subscription);
        }
    }
}
