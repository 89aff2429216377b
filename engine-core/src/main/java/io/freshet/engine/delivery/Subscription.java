package io.freshet.engine.delivery;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.routing.Batch;
import io.freshet.log.MessageLog;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cursor: the next sequence that one session needs of one channel, and whether it may skip. Owned by the reactor's thread.
 *
 * <p>It is in exactly one of four places: at its feed's head, in its session's ready list (behind, waiting for its turn),
 * with cold reads under way, or closed. {@code next} moves only by what is handed to the outlet, in order, so that
 * joining the head can leave neither a hole nor a repeat.
 */
public final class Subscription {
    static final int NOT_AT_HEAD = -1;

    private final Feed feed;
    private final Outlet outlet;
    /** Its group, when it is sampled. */
    private final @Nullable SampleGroup group;
    /** Behind this sequence it may skip; no sequence when it may not. */
    private final long backlogEnd;

    private long next;
    private int headIndex = NOT_AT_HEAD;
    private boolean isClosed;
    private boolean mustRead;
    private boolean skipsSample;
    private long hintPosition = MessageLog.NULL_POSITION;
    private int readCount;
    /** While reads are under way. */
    private @Nullable ReadPlace readPlace;
    /** Records of the last chunk, when that was full; 0 otherwise. */
    private int fullChunkCount;

    /** Who stands behind it in the queue that it is in. */
    @Nullable
    Subscription nextInQueue;

    Subscription(Feed feed, Outlet outlet, long next, @Nullable SampleGroup group, long backlogEnd) {
        this.feed = feed;
        this.outlet = outlet;
        this.next = next;
        this.group = group;
        this.backlogEnd = backlogEnd;
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

    @Nullable
    SampleGroup group() {
        return group;
    }

    /** The sequence that it gets when its turn comes: the newest one, if it may skip the others. */
    long wanted() {
        return next <= backlogEnd ? next : Math.max(next, feed.head());
    }

    /** The last sequence that it may get in one turn, which is committed, or the one before {@code next} when there is none. */
    long readLimit() {
        long last = next <= backlogEnd ? backlogEnd : group == null ? Long.MAX_VALUE : next;
        return Math.min(last, feed.head());
    }

    /** Whether what it wants is committed and in the recent window no more. */
    boolean needsRead() {
        long wanted = wanted();
        return !awaitsSample() && wanted <= feed.head() && feed.find(wanted) == null;
    }

    /**
     * Whether it cannot stand at the head: something is to be delivered before. A sampled one waits there for its group's turn also when
     * it is behind, unless what it needs must be read.
     */
    boolean isBehind() {
        return !awaitsSample() && next <= feed.head();
    }

    /** Whether it gets nothing before its group's turn. */
    boolean awaitsSample() {
        return group != null && next > backlogEnd && !mustRead;
    }

    /** The record of this sample is not in the recent window: it is to get it by itself. */
    void mustRead() {
        mustRead = true;
    }

    /** Whether the next sample is not for it, since it got a record in between; once. */
    boolean skipsSample() {
        boolean skips = skipsSample;
        skipsSample = false;
        return skips;
    }

    /** Its place in the feed's list of subscriptions at the head, or {@link #NOT_AT_HEAD}. */
    int headIndex() {
        return headIndex;
    }

    /** Whether it has everything up to the head, or waits there for its sample. */
    public boolean isAtHead() {
        return headIndex != NOT_AT_HEAD;
    }

    void headIndex(int index) {
        headIndex = index;
    }

    /** Where in the log the record before {@code next} lies, as far as known: spares the next cold read a search. */
    long hintPosition() {
        return hintPosition;
    }

    /** A cold read is asked for. */
    void readBegins() {
        if (readCount++ == 0) {
            readPlace = new ReadPlace(feed.channel(), next, hintPosition);
        }
    }

    /** A cold read has ended, whatever came of it. */
    void readEnds() {
        if (--readCount == 0) {
            readPlace = null;
        }
    }

    /** Whether cold reads were asked for that have not ended. */
    boolean isReading() {
        return readCount > 0;
    }

    /** Where the reads under way go on. */
    ReadPlace readPlace() {
        return Objects.requireNonNull(readPlace, "no read is under way");
    }

    /**
     * Whether it pays to ask for a chunk behind the one that is under way: the last was full, and what comes behind as much again
     * is still to be read.
     */
    boolean readsFurther() {
        long following = next + fullChunkCount;
        return readCount == 1 && fullChunkCount > 0 && following <= readLimit() && feed.find(following) == null;
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
        next = batch.lastSequence() + 1;
        hintPosition = batch.position();
        outlet.offerShared(batch.frames());
    }

    /** Hands on the records of a batch from {@code next} to {@code lastSequence}. <em>Transfers</em> the frames. */
    void deliver(ByteBuf frames, Batch batch, long lastSequence) {
        next = lastSequence + 1;
        hintPosition = batch.position();
        gotByItself();
        outlet.offer(frames);
    }

    /** Hands on the record at the head, and the hole before it, from {@code next} on. <em>Borrows</em> the frames. */
    void deliver(ByteBuf frames, long head, long logPosition) {
        next = head + 1;
        hintPosition = logPosition;
        outlet.offerShared(frames);
    }

    /** Hands on what a cold read brought. <em>Transfers</em> the chunk's frames. */
    void deliver(Chunk chunk) {
        if (chunk.count() + chunk.gapCount() > 0) { // or else it only says from where to search on
            gotByItself();
        }
        if (chunk.lastPosition() != MessageLog.NULL_POSITION) {
            hintPosition = chunk.lastPosition();
        }
        if (chunk.gapCount() > 0) {
            skip(chunk.gapCount(), chunk.gapReason());
        }
        fullChunkCount = chunk.isFull() ? chunk.count() : 0;
        if (chunk.count() > 0) {
            next += chunk.count();
            feed.counters().add(ReactorCounter.LOG_RECORDS, chunk.count());
            feed.counters().add(ReactorCounter.LOG_BYTES, chunk.frames().readableBytes());
            outlet.offer(chunk.frames());
        } else {
            chunk.frames().release();
        }
    }

    private void gotByItself() {
        skipsSample = mustRead;
        mustRead = false;
    }

    /** Tells of the sequences before this one as skipped. */
    void skipTo(long sequence) {
        if (sequence > next) {
            skip(sequence - next, GapReason.GAP_REASON_SKIPPED);
            hintPosition = MessageLog.NULL_POSITION;
        }
    }

    private void skip(long count, GapReason reason) {
        outlet.offerGap(feed.channel(), next, count, reason);
        next += count;
    }
}
