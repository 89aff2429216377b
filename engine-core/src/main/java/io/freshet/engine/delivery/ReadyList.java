package io.freshet.engine.delivery;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.routing.Batch;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one connection that are behind, each fed one batch or chunk a turn while the connection has room;
 * at most one of them has a cold read under way, so that one connection cannot take more than one chunk from the log beyond
 * its mark. Owned by the reactor's thread.
 */
public final class ReadyList {
    private final SubscriptionQueue ready = new SubscriptionQueue();
    private @Nullable ReadQueue waitingForRead;
    private boolean isReading;

    /** Puts a subscription last. */
    public void add(Subscription subscription) {
        ready.add(subscription);
    }

    /** The cold read that was under way has ended; the next that needs one gets its turn. */
    public void readDone(Subscription done) {
        isReading = false;
        if (!done.isClosed()) {
            if (done.needsRead()) {
                await(done);
            } else {
                ready.add(done);
            }
        }
        Subscription following = pollWaiting();
        if (following != null) {
            ready.add(following);
        }
    }

    private void await(Subscription subscription) {
        ReadQueue queue = waitingForRead;
        if (queue == null) {
            queue = new ReadQueue();
            waitingForRead = queue;
        }
        queue.add(subscription);
    }

    private boolean isAwaited() {
        return waitingForRead != null && !waitingForRead.isEmpty();
    }

    /** The queue goes with the last that waited: a connection at the head holds none. */
    private @Nullable Subscription pollWaiting() {
        ReadQueue queue = waitingForRead;
        if (queue == null) {
            return null;
        }
        Subscription polled = queue.poll();
        if (polled == null) {
            waitingForRead = null;
        }
        return polled;
    }

    /** Whether nothing can be done before a read ends or somebody becomes ready. */
    public boolean isEmpty() {
        return ready.isEmpty() && (isReading || !isAwaited());
    }

    /**
     * Serves subscriptions in turn until the outlet is full, nothing more can be done without a cold read, or the limit is
     * reached.
     *
     * @return whether it stopped at the limit, so that there is more to do in the next cycle
     */
    public boolean pump(Outlet outlet, ColdReads coldReads, int limit) {
        for (int turn = 0; turn < limit; turn++) {
            if (isEmpty() || !outlet.hasRoom()) {
                return false;
            }
            Subscription subscription = next(turn == 0);
            if (subscription != null
                    && !subscription.isClosed()
                    && !subscription.feed().joinHead(subscription)) {
                feed(subscription, coldReads);
            }
        }
        return !isEmpty() && outlet.hasRoom();
    }

    /** When no read is under way, since the last that had its turn was served from the window, another gets it. */
    private @Nullable Subscription next(boolean isReadFirst) {
        Subscription waiting = !isReading && (isReadFirst || ready.isEmpty()) ? pollWaiting() : null;
        return waiting == null ? ready.poll() : waiting;
    }

    private void feed(Subscription subscription, ColdReads coldReads) {
        long wanted = subscription.wanted();
        Batch batch = subscription.feed().find(wanted);
        if (batch != null) {
            subscription.skipTo(wanted);
            deliver(subscription, batch);
            ready.add(subscription);
        } else if (isReading) {
            await(subscription);
        } else {
            subscription.skipTo(wanted);
            isReading = true;
            coldReads.request(subscription);
        }
    }

    private static void deliver(Subscription subscription, Batch batch) {
        long last = Math.min(batch.lastSequence(), subscription.readLimit());
        ByteBuf frames = batch.frames();
        int from = batch.offsetOf(subscription.next());
        int to = last == batch.lastSequence() ? frames.writerIndex() : batch.offsetOf(last + 1);
        ReactorCounters counters = subscription.feed().counters();
        counters.add(ReactorCounter.WINDOW_RECORDS, last + 1 - subscription.next());
        counters.add(ReactorCounter.WINDOW_BYTES, to - from);
        subscription.deliver(frames.retainedSlice(from, to - from), batch, last);
    }
}
