package io.freshet.engine.delivery;

import io.freshet.engine.routing.Batch;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/**
 * The subscriptions of one connection that are behind, each fed one chunk a turn while the connection has room. Owned by
 * the reactor's thread.
 */
public final class ReadyList {
    private final ArrayDeque<Subscription> ready = new ArrayDeque<>();

    /** Puts a subscription last. */
    public void add(Subscription subscription) {
        ready.addLast(subscription);
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
            if (ready.isEmpty() || !outlet.hasRoom()) {
                return false;
            }
            Subscription subscription = ready.removeFirst();
            if (!subscription.isClosed() && !subscription.feed().joinHead(subscription)) {
                feed(subscription, coldReads);
            }
        }
        return !ready.isEmpty() && outlet.hasRoom();
    }

    private void feed(Subscription subscription, ColdReads coldReads) {
        Batch batch = subscription.feed().find(subscription.next());
        if (batch == null) {
            coldReads.request(subscription);
            return;
        }
        ByteBuf frames = batch.frames();
        int from = batch.offsetOf(subscription.next());
        subscription.deliver(frames.retainedSlice(from, frames.writerIndex() - from), batch.lastSequence());
        ready.addLast(subscription);
    }
}
