package io.freshet.engine.delivery;

import java.util.ArrayDeque;

/**
 * One reactor's share of the cold reads of the engine: at most a stated number under way, the others wait in turn. What
 * they may bring, and so what they may hold in memory, is bounded by that number. Owned by the reactor's thread.
 */
public final class ColdReads {
    private final ReaderProxy reader;
    private final int limit;
    private final ArrayDeque<Subscription> waiting = new ArrayDeque<>();
    private int underWayCount;

    /** @param limit chunks under way at most */
    public ColdReads(ReaderProxy reader, int limit) {
        this.reader = reader;
        this.limit = limit;
    }

    /** Asks for the next chunk of a subscription, which stands in no list until the chunk is there. */
    void request(Subscription subscription) {
        if (underWayCount < limit) {
            send(subscription);
        } else {
            waiting.addLast(subscription);
        }
    }

    private void send(Subscription subscription) {
        underWayCount++;
        Feed feed = subscription.feed();
        reader.readChunk(feed.channel(), subscription.next(), feed.head(), subscription.hintPosition(), chunk -> {
            onAnswer(subscription, chunk);
        });
    }

    private void onAnswer(Subscription subscription, Chunk chunk) {
        underWayCount--;
        if (subscription.isClosed()) {
            chunk.frames().release();
        } else {
            subscription.deliver(chunk);
            subscription.outlet().becameReady(subscription);
        }
        while (underWayCount < limit && !waiting.isEmpty()) {
            Subscription next = waiting.removeFirst();
            if (!next.isClosed()) {
                send(next);
            }
        }
    }

    /** Chunks under way now. */
    public int underWayCount() {
        return underWayCount;
    }
}
