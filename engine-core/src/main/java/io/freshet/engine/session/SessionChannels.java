package io.freshet.engine.session;

import io.freshet.engine.Principal;
import io.freshet.engine.channel.ReservedNames;
import io.freshet.engine.delivery.Feed;
import io.freshet.engine.delivery.Subscription;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.session.PendingOpens.PendingOpen;
import io.freshet.protocol.ChannelName;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.CloseReason;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Open;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The channels that one session has open: opening them step by step, publishing to them, fetching from them. Owned by the
 * session's reactor.
 *
 * <p>Opening goes: request, {@link Gate} (which channel, what is allowed), the channel's shard (ticket, head), and for a
 * cursor of an older epoch the log; each answer comes back here and may find the session closed.
 */
final class SessionChannels {
    private final Session session;
    private final SessionEnvironment environment;
    private final SessionPublishes publishes;
    private final Long2ObjectHashMap<SessionChannel> channels = new Long2ObjectHashMap<>();
    private final PendingOpens pendingOpens = new PendingOpens();

    private @Nullable Principal principal;
    private int instance;
    private boolean isClosed;

    SessionChannels(Session session, SessionEnvironment environment, SessionAccounts accounts) {
        this.session = session;
        this.environment = environment;
        publishes = new SessionPublishes(session, environment, this, accounts);
    }

    void instance(int clientInstance) {
        instance = clientInstance;
    }

    void principal(Principal authenticated) {
        principal = authenticated;
    }

    /** Whose session it is; {@link Revocations#NOBODY} until that is known. */
    long principalId() {
        return principal == null ? Revocations.NOBODY : principal.id();
    }

    /** Whose session it is, once that is known. */
    Principal principal() {
        Principal authenticated = principal;
        assert authenticated != null;
        return authenticated;
    }

    void onRecord(int kind, ByteBuf in, int frameIndex, int frameLength) {
        publishes.onRecord(kind, in, frameIndex, frameLength);
    }

    /** The channel of this id, at whatever stage it is. */
    @Nullable
    SessionChannel find(long id) {
        return channels.get(id);
    }

    /** Whether a shard that this session publishes to takes no more at the moment, or too much waits here. */
    boolean hasFullGateway() {
        if (publishes.isFull()) {
            return true;
        }
        for (SessionChannel channel : channels.values()) {
            if (channel.gateway().isFull()) {
                return true;
            }
        }
        return false;
    }

    /** Whether it follows a channel, or is about to. */
    boolean isSubscribed() {
        for (SessionChannel channel : channels.values()) {
            if (channel.isFollowed()) {
                return true;
            }
        }
        return false;
    }

    void onOpen(ByteBuf buffer, int frameIndex, int frameLength) {
        Open open = PendingOpens.parse(buffer, frameIndex, frameLength);
        String violation = open.hasName() ? ChannelName.violation(open.getName()) : null;
        if (violation != null) {
            refuse(open, ErrorCode.INVALID_NAME, violation);
        } else if (!pendingOpens.isTakeable(open)) {
            refuse(
                    open,
                    ErrorCode.INVALID_ARGUMENT,
                    "OPEN needs a new request number, a target, a known mode with its rate, and a cursor that says something");
        } else if (channels.size() + pendingOpens.count()
                >= environment.limits().channelCount()) {
            environment.counters().add(ReactorCounter.OPENS_LIMITED, 1);
            refuse(
                    open,
                    ErrorCode.TOO_MANY_CHANNELS,
                    "a session may have " + environment.limits().channelCount() + " channels open");
        } else {
            askGate(open);
        }
    }

    private void askGate(Open open) {
        PendingOpen pending = new PendingOpen(
                open, environment.clock().nowNs() + environment.limits().gateTimeoutNs());
        pendingOpens.add(pending);
        ask(pending);
    }

    private void ask(PendingOpen pending) {
        environment.gate().open(principal(), pending, environment, decision -> onDecision(pending, decision));
    }

    /** Decides an OPEN anew that a revocation has overtaken. */
    private void askAgain(Open open) {
        environment.counters().add(ReactorCounter.ACCESS_ASKED_AGAIN, 1);
        askGate(open);
    }

    /** Gives up opens that the application has not decided in time. */
    void onTimer(long nowNs) {
        publishes.onTimer(nowNs);
        pendingOpens.expire(nowNs, open -> {
            environment.counters().decided(false, environment.limits().gateTimeoutNs());
            refuse(open, ErrorCode.POLICY_UNAVAILABLE, "the access policy took too long");
        });
    }

    private void onDecision(PendingOpen pending, Gate.Decision decision) {
        Open open = pending.open;
        if (isClosed || !pendingOpens.isPending(pending)) {
            return;
        }
        if (pending.isStale) {
            pending.isStale = false;
            environment.counters().add(ReactorCounter.ACCESS_ASKED_AGAIN, 1);
            ask(pending);
            return;
        }
        Principal authenticated = principal();
        if (decision.isToBeMade()) {
            environment.gate().create(authenticated, pending, decision, environment, made -> onDecision(pending, made));
            return;
        }
        pendingOpens.remove(pending);
        long askedNs = pending.deadlineNs - environment.limits().gateTimeoutNs();
        ErrorCode refusal = refusal(open, decision);
        environment.counters().decided(refusal == null, environment.clock().nowNs() - askedNs);
        if (refusal != null) {
            refuseFor(open, refusal);
            return;
        }
        Feed feed = open.hasCursor() ? environment.feeds().acquire(decision.channel()) : null;
        SessionChannel channel = new SessionChannel(
                decision.channel(), decision, session, this, session.gateway(decision.channel()), feed);
        channels.put(channel.id(), channel);
        channel.gateway()
                .attach(
                        channel.id(),
                        authenticated.id(),
                        instance,
                        feed != null,
                        ReservedNames.needsAttributes(decision.name()),
                        channel,
                        new ChannelOpening(session, environment, this, channel, open, decision.name()));
    }

    private @Nullable ErrorCode refusal(Open open, Gate.Decision decision) {
        if (decision.refusal() != null) {
            return decision.refusal();
        }
        if (channels.containsKey(decision.channel())) {
            return ErrorCode.ALREADY_OPEN;
        }
        return open.hasCursor() ? decision.refusalToFollow() : null;
    }

    /** A channel that was being opened is not any more: its session has ended, or a revocation came between. */
    void onLost(Open open) {
        if (!isClosed) {
            askAgain(open);
        }
    }

    /** Whether this is still what the session has of its channel. */
    boolean isCurrent(SessionChannel channel) {
        return !isClosed && channels.get(channel.id()) == channel;
    }

    /** The application has said no, or the channel itself has: the two read alike. */
    void refuseFor(Open open, ErrorCode code) {
        refuse(open, code, "open refused: " + code);
    }

    void refuse(Open open, ErrorCode code, String message) {
        session.send(FrameType.ERROR, Errors.ofRequest(open.getRequest(), code, message));
    }

    void onClose(ByteBuf buffer, int frameIndex, int frameLength) {
        Close close = Frames.parse(Close.parser(), buffer, frameIndex, frameLength);
        SessionChannel channel = channels.get(close.getChannel());
        if (channel == null || !channel.isOpen()) {
            session.send(
                    FrameType.ERROR,
                    Errors.ofChannel(close.getChannel(), ErrorCode.NOT_OPEN, "this channel is not open here"));
            return;
        }
        close(channel, CloseReason.CLOSE_REASON_REQUESTED);
    }

    private void close(SessionChannel channel, CloseReason reason) {
        drop(channel);
        session.send(
                FrameType.CLOSED,
                Closed.newBuilder().setChannel(channel.id()).setReason(reason).build());
    }

    /** Ends the use of one channel, or of every one: the open ones are closed, what is being opened is decided anew. */
    void revoke(long id) {
        pendingOpens.outdate();
        for (SessionChannel channel : List.copyOf(channels.values())) {
            if (!channel.isOf(id) && id != Revocations.EVERY_CHANNEL) {
                continue;
            }
            environment.counters().add(ReactorCounter.REVOKED_CHANNELS, channel.isOpen() ? 1 : 0);
            end(channel, CloseReason.CLOSE_REASON_REVOKED);
        }
    }

    /** The channel was deleted. */
    void onEnded(SessionChannel channel) {
        if (isCurrent(channel)) {
            end(channel, CloseReason.CLOSE_REASON_DELETED);
        }
    }

    private void end(SessionChannel channel, CloseReason reason) {
        if (channel.isOpen()) {
            close(channel, reason);
        } else {
            drop(channel); // whoever is opening it will see that
        }
    }

    /** The log of a channel cannot be read: its subscription ends, and the client may open it again. */
    void onReadFailed(long id) {
        SessionChannel channel = channels.get(id);
        if (channel != null) {
            close(channel, CloseReason.CLOSE_REASON_CHANNEL_FAILED);
        }
    }

    /** Gives back everything that a channel holds, at whatever stage it is. */
    void drop(SessionChannel channel) {
        channels.remove(channel.id());
        release(channel);
    }

    private void release(SessionChannel channel) {
        publishes.drop(channel);
        channel.leave();
        Feed feed = channel.feed();
        if (feed != null) {
            Subscription subscription = channel.subscription();
            if (subscription != null) {
                feed.unsubscribe(subscription);
            }
            environment.feeds().letGo(feed);
        }
        Producer producer = channel.producer();
        if (producer != null) {
            channel.gateway().detach(producer);
        }
    }

    void closeAll() {
        isClosed = true;
        for (SessionChannel channel : channels.values()) {
            release(channel);
        }
        channels.clear();
        pendingOpens.clear();
    }

    /** The channel of this id, when it is open. */
    @Nullable
    SessionChannel open(long id) {
        SessionChannel channel = channels.get(id);
        return channel == null || !channel.isOpen() ? null : channel;
    }
}
