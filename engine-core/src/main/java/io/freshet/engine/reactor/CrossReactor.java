package io.freshet.engine.reactor;

import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.routing.Batch;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.collections.Long2LongHashMap;

/**
 * The way of committed batches from one reactor to another: one copy of the reference a batch, and when the mailbox is full one
 * coalesced mark <em>head of this channel is n</em>, after which the cursors there catch up as slow readers do. So it goes also
 * when too many bytes are under way. Owned by the sending reactor.
 */
final class CrossReactor {
    private static final long NO_MARK = -1;

    private final ReactorProxy target;
    private final Feeds targetFeeds;
    private final long limitBytes;
    /** Of batches that the target has not taken yet. */
    private final AtomicLong underWayBytes = new AtomicLong();

    private final Long2LongHashMap marks = new Long2LongHashMap(NO_MARK);
    private long coalescedCount;

    /**
     * @param targetFeeds the target's; only messages that run on the target touch them
     * @param limitBytes bytes of batches that may be under way; a last one may go beyond it
     */
    CrossReactor(ReactorProxy target, Feeds targetFeeds, long limitBytes) {
        this.target = target;
        this.targetFeeds = targetFeeds;
        this.limitBytes = limitBytes;
    }

    void send(Batch batch) {
        if (marks.containsKey(batch.channel()) || !offer(batch)) {
            marks.put(batch.channel(), batch.lastSequence());
            coalescedCount++;
        }
    }

    private boolean offer(Batch batch) {
        if (underWayBytes.get() >= limitBytes) {
            return false;
        }
        Batch shared = batch.share();
        underWayBytes.addAndGet(shared.frames().capacity());
        boolean isAccepted = target.offerData(() -> {
            try {
                targetFeeds.onSentBatch(shared);
            } finally {
                arrived(shared);
            }
        });
        if (!isAccepted) {
            arrived(shared);
        }
        return isAccepted;
    }

    private void arrived(Batch shared) {
        underWayBytes.addAndGet(-shared.frames().capacity());
        shared.release();
    }

    /** Bytes of batches that the target has not taken yet. */
    long underWayBytes() {
        return underWayBytes.get();
    }

    /** Sends the marks that wait, as far as there is room; returns how many. */
    int retry() {
        if (marks.isEmpty()) {
            return 0;
        }
        int count = 0;
        Long2LongHashMap.EntryIterator all = marks.entrySet().iterator();
        while (all.hasNext()) {
            all.next();
            long channel = all.getLongKey();
            long head = all.getLongValue();
            if (!target.offerData(() -> targetFeeds.onHead(channel, head))) {
                break;
            }
            all.remove();
            count++;
        }
        return count;
    }

    boolean isEmpty() {
        return marks.isEmpty();
    }

    /** Batches that were replaced by a mark, since the start. */
    long coalescedCount() {
        return coalescedCount;
    }
}
