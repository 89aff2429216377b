package io.freshet.engine.delivery;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.routing.Batch;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one connection that are behind, each fed one batch or chunk a turn while the connection has room;
 * at most one cold read is under way for it, so that it cannot take more than one chunk from the log beyond its mark, or two
 * once the network has taken everything, so that one is read while the other is sent. The two are of two subscriptions, or
 * of one that has much to read. Owned by the reactor's thread.
 */
public final class ReadyList {
    private static final int READS = 2;

    private final SubscriptionQueue ready = new SubscriptionQueue();
    private @Nullable ReadQueue waitingForRead;
    private int readCount;
    /** The one that a read was asked for last. */
    private @Nullable Subscription reading;

    /** Puts a subscription last. */
    public void add(Subscription subscription) {
        ready.add(subscription);
    }

    /** A cold read that was under way has ended; the next that needs one gets its turn. */
    public void readDone(Subscription done) {
        readCount--;
        if (reading == done && !done.isReading()) {
            reading = null;
        }
        if (!done.isClosed() && !done.isReading()) {
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
    public boolean isEmpty(Outlet outlet) {
        return ready.isEmpty() && !((isAwaited() || readsFurther()) && mayRead(outlet));
    }

    private boolean mayRead(Outlet outlet) {
        return readCount == 0 || (readCount < READS && outlet.isDrained());
    }

    private boolean readsFurther() {
        return reading != null && !reading.isClosed() && reading.readsFurther();
    }

    /**
     * Serves subscriptions in turn until the outlet is full, nothing more can be done without a cold read, or the limit is
     * reached.
     *
     * @return whether it stopped at the limit, so that there is more to do in the next cycle
     */
    public boolean pump(Outlet outlet, ColdReads coldReads, int limit) {
        for (int turn = 0; turn < limit; turn++) {
            if (isEmpty(outlet) || !hasRoom(outlet)) {
                return false;
            }
            boolean mayRead = mayRead(outlet);
            Subscription subscription = next(mayRead, turn == 0);
            if (subscription == null) {
                readFurther(mayRead, coldReads);
            } else if (!subscription.isClosed() && !subscription.feed().joinHead(subscription)) {
                feed(subscription, mayRead, coldReads);
            }
        }
        return !isEmpty(outlet) && hasRoom(outlet);
    }

    /** What comes while two reads are under way must be all that is outbound then. */
    private boolean hasRoom(Outlet outlet) {
        return outlet.hasRoom() && (!readsTwice() || outlet.isDrained());
    }

    /** Whether two cold reads are under way. */
    public boolean readsTwice() {
        return readCount == READS;
    }

    private void readFurther(boolean mayRead, ColdReads coldReads) {
        if (mayRead && reading != null && readsFurther()) {
            read(reading, coldReads);
        }
    }

    private void read(Subscription subscription, ColdReads coldReads) {
        readCount++;
        reading = subscription;
        coldReads.request(subscription);
    }

    /** When a read more may be under way, since the last that had its turn was served from the window, another gets it. */
    private @Nullable Subscription next(boolean mayRead, boolean isReadFirst) {
        Subscription waiting = mayRead && (isReadFirst || ready.isEmpty()) ? pollWaiting() : null;
        return waiting == null ? ready.poll() : waiting;
    }

    private void feed(Subscription subscription, boolean mayRead, ColdReads coldReads) {
        long wanted = subscription.wanted();
        Batch batch = subscription.feed().find(wanted);
        if (batch != null) {
            subscription.skipTo(wanted);
            deliver(subscription, batch);
            ready.add(subscription);
        } else if (!mayRead) {
            await(subscription);
        } else {
            subscription.skipTo(wanted);
            read(subscription, coldReads);
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
