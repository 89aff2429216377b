package io.freshet.engine.session;

import io.freshet.engine.Access;
import io.freshet.engine.Principal;
import io.freshet.engine.delivery.Feed;
import io.freshet.engine.delivery.Subscription;
import io.freshet.engine.routing.Producer;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.v1.Cursor;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** One channel that a session has open or is opening. Owned by the session's reactor. */
final class SessionChannel {
    private final long id;
    private final Access access;
    private final boolean isInbox;
    private final ShardGateway gateway;
    private final @Nullable Feed feed;
    private @Nullable Producer producer;
    private @Nullable Subscription subscription;
    /** Null unless publishes wait. */
    private @Nullable HeldPublishes held;

    private long firstSequence;
    private boolean isOpen;

    SessionChannel(long id, Access access, boolean isInbox, ShardGateway gateway, @Nullable Feed feed) {
        this.id = id;
        this.access = access;
        this.isInbox = isInbox;
        this.gateway = gateway;
        this.feed = feed;
    }

    long id() {
        return id;
    }

    Access access() {
        return access;
    }

    /**
     * Why a record of this session is none for this channel, whatever the channel's state; null when it may be one. Borrows the buffer.
     *
     * @param sender id of the session's principal
     */
    @Nullable
    ErrorCode refusal(ByteBuf in, int frameIndex, int frameLength, long sender) {
        if (!access.mayPublish()) {
            return ErrorCode.FORBIDDEN;
        }
        if (isInbox) {
            return InboxEvents.refusal(in, frameIndex, frameLength, sender == Principal.SYSTEM.id());
        }
        return InboxEvents.isOfInboxes(FrameHeader.kind(in, frameIndex)) ? ErrorCode.INVALID_ARGUMENT : null;
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
