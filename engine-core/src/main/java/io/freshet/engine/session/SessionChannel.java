package io.freshet.engine.session;

import io.freshet.engine.Access;
import io.freshet.engine.delivery.Feed;
import io.freshet.engine.delivery.Subscription;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.signal.Seat;
import io.freshet.protocol.v1.Cursor;
import org.jspecify.annotations.Nullable;

/** One channel that a session has open or is opening. Owned by the session's reactor. */
final class SessionChannel {
    private final long id;
    private final Access access;
    private final ShardGateway gateway;
    private final @Nullable Feed feed;
    private @Nullable Producer producer;
    private @Nullable Subscription subscription;
    /** Null unless publishes wait. */
    private @Nullable HeldPublishes held;

    private @Nullable Seat seat;
    private long firstSequence;
    private boolean isOpen;

    SessionChannel(long id, Access access, ShardGateway gateway, @Nullable Feed feed) {
        this.id = id;
        this.access = access;
        this.gateway = gateway;
        this.feed = feed;
    }

    long id() {
        return id;
    }

    Access access() {
        return access;
    }

    ShardGateway gateway() {
        return gateway;
    }

    /** Present when the session subscribes. */
    @Nullable
    Feed feed() {
        return feed;
    }

    /** Present once its owner has answered. */
    @Nullable
    Producer producer() {
        return producer;
    }

    void attached(Producer ticket, long first) {
        producer = ticket;
        firstSequence = first;
    }

    /** The oldest sequence kept when it was opened. */
    long firstSequence() {
        return firstSequence;
    }

    /** Whether OPENED was sent. */
    boolean isOpen() {
        return isOpen;
    }

    void opened() {
        isOpen = true;
    }

    /** The publishes that wait; null when there are none. */
    @Nullable
    HeldPublishes held() {
        return held;
    }

    void held(@Nullable HeldPublishes waiting) {
        held = waiting;
    }

    @Nullable
    Subscription subscription() {
        return subscription;
    }

    /** Whether its session wants to be told of what happens there. */
    boolean isFollowed() {
        return feed != null || (seat != null && seat.isWatching());
    }

    /** Its session's place in what is said there and not kept; null until that is of interest. */
    @Nullable
    Seat seat() {
        return seat;
    }

    void seat(Seat taken) {
        seat = taken;
    }

    /** Nothing of what is said there is handed to its session any more. */
    void leave() {
        if (seat != null) {
            seat.leave();
        }
    }

    void subscribed(Subscription cursor) {
        subscription = cursor;
    }

    /** The sequence of the first record that a cursor gets. */
    static long firstDelivered(Cursor cursor, long head, long first, long afterSequence) {
        return switch (cursor.getFromCase()) {
            case LAST -> Math.max(first, head + 1 - Integer.toUnsignedLong(cursor.getLast()));
            case AFTER -> afterSequence + 1;
            default -> head + 1;
        };
    }
}
