package io.freshet.engine.session;

import io.freshet.engine.Access;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.Principal;
import io.freshet.engine.delivery.Feed;
import io.freshet.engine.delivery.Subscription;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.Publisher;
import io.freshet.engine.signal.Seat;
import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.v1.Cursor;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One channel that a session has open or is opening, and what its shard says to it. Owned by the session's reactor.
 */
final class SessionChannel implements Publisher {
    private final long id;
    private final long accessOf;
    private final Access access;
    private final boolean isInbox;
    private final Session session;
    private final SessionChannels channels;
    private final ShardGateway gateway;
    private final @Nullable Feed feed;
    private @Nullable Producer producer;
    private @Nullable Subscription subscription;
    /** Null unless publishes wait. */
    private @Nullable HeldPublishes held;

    private @Nullable Seat seat;
    private long firstSequence;
    private boolean isOpen;

    SessionChannel(
            long id,
            Gate.Decision decision,
            Session session,
            SessionChannels channels,
            ShardGateway gateway,
            @Nullable Feed feed) {
        this.id = id;
        accessOf = decision.accessOf();
        access = decision.access();
        isInbox = decision.isInbox();
        this.session = session;
        this.channels = channels;
        this.gateway = gateway;
        this.feed = feed;
    }

    long id() {
        return id;
    }

    /** Whether it is a user's inbox, where nothing is said that is not kept. */
    boolean isInbox() {
        return isInbox;
    }

    /** Whether the right to it is that of this channel: its own, or a thread's parent. */
    boolean isOf(long channel) {
        return channel == id || (accessOf != ChannelDirectory.NO_CHANNEL && channel == accessOf);
    }

    /**
     * Why a record of this kind is not this principal's to send, or null.
     *
     * @param isTaken whether records of the kind are, of anybody
     */
    @Nullable
    ErrorCode refusal(int kind, boolean isTaken) {
        if (kind == EventKind.ATTRIBUTES.code()) {
            return access.has(ChannelRight.MANAGE_CHANNEL) ? null : ErrorCode.FORBIDDEN;
        }
        return isTaken ? null : ErrorCode.INVALID_ARGUMENT;
    }

    @Override
    public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {
        session.onCommitted(channel, firstNonce, count, firstSequence);
    }

    @Override
    public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
        session.onRefused(channel, firstNonce, count, code, retryAfterMs);
    }

    @Override
    public void onEnded(long channel) {
        channels.onEnded(this);
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
