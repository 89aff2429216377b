package io.freshet.engine.delivery;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reactor's share of the cold reads of the engine: at most a stated number under way, the others wait in turn. What
 * they may bring, and so what they may hold in memory, is bounded by that number. Owned by the reactor's thread.
 */
public final class ColdReads {
    private static final Logger LOG = LoggerFactory.getLogger(ColdReads.class);

    private final ReaderProxy reader;
    private final int limit;
    private final ReactorCounters counters;
    private final ArrayDeque<Subscription> waiting = new ArrayDeque<>();
    private int underWayCount;

    /** @param limit chunks under way at most */
    public ColdReads(ReaderProxy reader, int limit, ReactorCounters counters) {
        this.counters = counters;
        this.reader = reader;
        this.limit = limit;
    }

    /**
     * Asks for the next chunk of a subscription, perhaps behind one that is under way; it stands in no list until its outlet
     * hears that all are done.
     */
    void request(Subscription subscription) {
        subscription.readBegins();
        waiting.addLast(subscription);
        advance();
    }

    /** Sends waiting requests as far as the limit and the reader's queue have room; returns how many. */
    public int advance() {
        int count = 0;
        while (underWayCount < limit && !waiting.isEmpty()) {
            Subscription subscription = waiting.getFirst();
            if (subscription.isClosed()
                    || subscription.awaitsSample()
                    || !subscription.outlet().hasRoom()) {
                waiting.removeFirst();
                done(subscription);
            } else if (send(subscription)) {
                waiting.removeFirst();
                underWayCount++;
                counters.add(ReactorCounter.COLD_READS, 1);
                count++;
            } else {
                break;
            }
        }
        return count;
    }

    private boolean send(Subscription subscription) {
        Feed feed = subscription.feed();
        return reader.readChunk(
                feed.channel(),
                subscription.readPlace(),
                subscription.readLimit(),
                chunk -> onChunk(subscription, chunk),
                failure -> onFailure(subscription, failure));
    }

    private void onChunk(Subscription subscription, Chunk chunk) {
        underWayCount--;
        if (subscription.isClosed()) {
            chunk.frames().release();
        } else {
            subscription.deliver(chunk);
        }
        done(subscription);
        advance();
    }

    private void onFailure(Subscription subscription, RuntimeException failure) {
        underWayCount--;
        counters.add(ReactorCounter.COLD_READ_FAILURES, 1);
        LOG.error(
                "records of channel {} from {} on cannot be read",
                subscription.feed().channel(),
                subscription.next(),
                failure);
        if (!subscription.isClosed()) {
            subscription.outlet().failed(subscription);
        }
        done(subscription);
        advance();
    }

    private static void done(Subscription subscription) {
        subscription.readEnds();
        subscription.outlet().readDone(subscription);
    }

    /** Whether a request waits for room in the reader's queue, which nothing will announce. */
    public boolean hasRunnable() {
        return underWayCount < limit && !waiting.isEmpty();
    }

    /** Subscriptions whose turn has not come. */
    public int waitingCount() {
        return waiting.size();
    }

    /** Chunks under way now. */
    public int underWayCount() {
        return underWayCount;
    }
}
