package io.freshet.engine.delivery;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.routing.Batch;
import io.freshet.log.MessageLog;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A cursor: the next sequence that one session needs of one channel, and nothing else. Owned by the reactor's thread.
 *
 * <p>It is in exactly one of four places: at its feed's head, in its session's ready list (behind, waiting for its turn),
 * with a cold read under way, or closed. {@code next} moves only by what is handed to the outlet, in order, so that
 * joining the head can leave neither a hole nor a repeat.
 */
public final class Subscription {
    static final int NOT_AT_HEAD = -1;

    private final Feed feed;
    private final Outlet outlet;
    private long next;
    private int headIndex = NOT_AT_HEAD;
    private boolean isClosed;
    private long hintPosition = MessageLog.NULL_POSITION;

    /** Who stands behind it in the queue that it is in. */
    @Nullable
    Subscription nextInQueue;

    Subscription(Feed feed, Outlet outlet, long next) {
        this.feed = feed;
        this.outlet = outlet;
        this.next = next;
    }

    public Feed feed() {
        return feed;
    }

    Outlet outlet() {
        return outlet;
    }

    /** The next sequence to deliver. */
    public long next() {
        return next;
    }

    /** Whether its next record is committed and in the recent window no more. */
    boolean needsRead() {
        return next <= feed.head() && feed.find(next) == null;
    }

    /** Its place in the feed's list of subscriptions at the head, or {@link #NOT_AT_HEAD}. */
    int headIndex() {
        return headIndex;
    }

    void headIndex(int index) {
        headIndex = index;
    }

    /** Where in the log the record before {@code next} lies, as far as known: spares the next cold read a search. */
    long hintPosition() {
        return hintPosition;
    }

    /** Whether it has ended: it is in no list then, or will be taken out of it. */
    public boolean isClosed() {
        return isClosed;
    }

    void closed() {
        isClosed = true;
    }

    /** Hands on a whole batch, which begins at {@code next}. <em>Borrows</em> it. */
    void deliver(Batch batch) {
        moveBehind(batch);
        outlet.offerShared(batch.frames());
    }

    /** Hands on the records of a batch from {@code next} to its end. <em>Transfers</em> the frames. */
    void deliver(ByteBuf frames, Batch batch) {
        moveBehind(batch);
        outlet.offer(frames);
    }

    private void moveBehind(Batch batch) {
        next = batch.lastSequence() + 1;
        hintPosition = batch.position();
    }

    /** Hands on what a cold read brought. <em>Transfers</em> the chunk's frames. */
    void deliver(Chunk chunk) {
        if (chunk.lastPosition() != MessageLog.NULL_POSITION) {
            hintPosition = chunk.lastPosition();
        }
        if (chunk.gapCount() > 0) {
            skip(chunk.gapCount(), chunk.gapReason());
        }
        if (chunk.count() > 0) {
            next += chunk.count();
            feed.counters().add(ReactorCounter.LOG_RECORDS, chunk.count());
            feed.counters().add(ReactorCounter.LOG_BYTES, chunk.frames().readableBytes());
            outlet.offer(chunk.frames());
        } else {
            chunk.frames().release();
        }
    }

    private void skip(long count, GapReason reason) {
        outlet.offerGap(feed.channel(), next, count, reason);
        next += count;
    }
}
