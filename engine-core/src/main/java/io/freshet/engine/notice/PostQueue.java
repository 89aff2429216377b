package io.freshet.engine.notice;

import io.freshet.log.MessageLog;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * Positions of the documents of one shard that have posts, from the indexer's thread, which finds them, to the notifier's. What
 * does not fit is not lost: up to there all documents are to be read.
 */
final class PostQueue {
    private final OneToOneConcurrentArrayQueue<Long> positions;
    private volatile long lastLost = MessageLog.NULL_POSITION;

    PostQueue(int capacity) {
        positions = new OneToOneConcurrentArrayQueue<>(capacity);
    }

    /** This document has a post; positions rise, but for those that come again after a rollback. The indexer's thread. */
    void add(long position) {
        if (!positions.offer(position)) {
            lastLost = Math.max(lastLost, position);
        }
    }

    /** The last position that did not fit, or {@link MessageLog#NULL_POSITION}. */
    long lastLost() {
        return lastLost;
    }

    /** The first position above this one, which stays; {@link MessageLog#NULL_POSITION} when there is none. The notifier's thread. */
    long firstAbove(long position) {
        for (Long first = positions.peek(); first != null; first = positions.peek()) {
            if (first > position) {
                return first;
            }
            positions.poll();
        }
        return MessageLog.NULL_POSITION;
    }
}
