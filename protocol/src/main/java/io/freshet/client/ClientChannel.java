package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.CloseReason;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Signal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One channel on the client's side, over all its sessions. Client's thread.
 *
 * <pre>
 *   IDLE ──use──► WAITING ──OPEN──► OPENING ──OPENED──► OPEN ──CLOSE──► CLOSING ──CLOSED──► IDLE
 *                    ▲                 │ lost              │ lost           │ still wanted ──► WAITING
 *                    └─────────────────┴───────────────────┘
 * </pre>
 *
 * <p>The server has one opening of a channel per session, so whatever needs another one (a subscription that comes or
 * goes, a nonce counter that is not known) closes the channel first; before that, what is in flight is awaited, so that no
 * receipt is lost between the two. {@link #advance} does whatever can be done next.
 */
final class ClientChannel {
    private enum State {
        IDLE,
        WAITING,
        OPENING,
        OPEN,
        CLOSING
    }

    private final String name;
    private final ClientCore core;
    private final Channels channels;
    private final ChannelPublishes publishes;
    private final ChannelFetches fetches;
    private final ChannelSignals signals;
    private final Pause openPause;
    private final List<Request<ChannelState>> openRequests = new ArrayList<>();
    private final List<Request<Void>> closeRequests = new ArrayList<>();
    private State state = State.IDLE;
    private @Nullable ChannelState opened;
    private long openRequestId;
    private long openedNs;
    private @Nullable ActiveSubscription subscription;
    /** The subscription that the OPEN of this session carried. */
    private @Nullable ActiveSubscription carried;

    /** Whether {@link Channels} has this channel on its list of those to {@link #advance}. */
    boolean isTouched;

    ClientChannel(String name, ClientCore core, Channels channels) {
        this.name = name;
        this.core = core;
        this.channels = channels;
        publishes = new ChannelPublishes(this, core, channels);
        fetches = new ChannelFetches(this, core, channels);
        signals = new ChannelSignals(this, core, channels);
        openPause = new Pause(core, core.newBackOff(), () -> channels.touch(this));
    }

    String name() {
        return name;
    }

    // ---- what callers ask for

    void publish(Publish publish) {
        publishes.add(publish);
        channels.touch(this);
    }

    void open(Request<ChannelState> request) {
        openRequests.add(request);
        channels.touch(this);
    }

    void subscribe(Cursor from, Delivery delivery, RecordHandler handler, Request<Subscription> request) {
        if (subscription != null) {
            request.fail(FreshetException.refused(
                    ErrorCode.ALREADY_OPEN, "this client has a subscription of channel " + name, 0));
            return;
        }
        subscription = new ActiveSubscription(this, core, from, delivery, handler, request);
        channels.touch(this);
    }

    void unsubscribe(ActiveSubscription closed, Request<Void> request) {
        closed.stop();
        if (subscription == closed) {
            subscription = null;
        }
        if (carried != closed) {
            request.succeed(null);
            if (state == State.WAITING) {
                goIdleUnlessWanted();
            }
            return;
        }
        closeRequests.add(request);
        channels.touch(this);
    }

    void fetch(FetchRequest request) {
        fetches.add(request);
        channels.touch(this);
    }

    /** What is said in it and not kept. */
    ChannelSignals signals() {
        return signals;
    }

    /** Whether it is open on this session with the permission to read it. */
    boolean maySubscribe() {
        return opened != null && opened.maySubscribe();
    }

    /** Whether somebody waits for something of this channel, or follows it. */
    boolean isWanted() {
        return subscription != null
                || !publishes.isEmpty()
                || !fetches.isEmpty()
                || !openRequests.isEmpty()
                || signals.isWanted();
    }

    // ---- what is done about it

    /** Does what can be done now on this session; null when there is none. */
    void advance(@Nullable ServerSession session, long nowNs) {
        if (state == State.IDLE) {
            completeAll(closeRequests, null);
            if (!isWanted()) {
                return;
            }
            state = State.WAITING;
            channels.onActive(this);
        }
        if (session == null || !session.takesRequests()) {
            return;
        }
        if (state == State.WAITING) {
            sendOpen(session);
        } else if (state == State.OPEN) {
            if (publishes.mustReopen() || carried != subscription || (carried != null && carried.mustReopen())) {
                closeOnceAnswered(session);
            } else {
                completeAll(closeRequests, null);
                useOpened(session, opened, nowNs);
            }
        }
    }

    private void sendOpen(ServerSession session) {
        if (openPause.isOn()) {
            return;
        }
        if (!channels.mayOpen(session.maxOpenChannels())) {
            if (channels.makeRoom(session, this)) {
                return; // another one is left first
            }
            failAll(FreshetException.refused(
                    ErrorCode.TOO_MANY_CHANNELS,
                    "channel " + name + " would be one more than the " + session.maxOpenChannels()
                            + " that the server lets this client open",
                    0));
            return;
        }
        state = State.OPENING;
        carried = subscription;
        openRequestId = channels.onOpening(this);
        Open.Builder open =
                Open.newBuilder().setRequest(openRequestId).setName(name).setCreate(true);
        if (carried != null) {
            carried.writeTo(open);
        }
        session.send(FrameType.OPEN, open.build());
    }

    /** Leaves the channel when it is open, nobody follows it and nothing is waited for; whether that is so. */
    boolean leaveIfUnused(ServerSession session) {
        boolean isUnused = state == State.OPEN && !isWanted() && carried == null && !publishes.awaitsAnswers();
        if (isUnused) {
            closeOnceAnswered(session);
        }
        return isUnused;
    }

    private void closeOnceAnswered(ServerSession session) {
        if (!publishes.awaitsAnswers() && opened != null) {
            state = State.CLOSING;
            session.send(
                    FrameType.CLOSE, Close.newBuilder().setChannel(opened.id()).build());
        }
    }

    private void useOpened(ServerSession session, @Nullable ChannelState channel, long nowNs) {
        if (channel != null) {
            completeAll(openRequests, channel);
            fetches.send(session, channel.id());
            signals.send(session, channel.id(), nowNs);
            publishes.send(session, channel, nowNs);
        }
    }

    // ---- what the server answers

    void onOpened(Opened message, long nowNs, long nonceMemoryNs) {
        ChannelState opening = new ChannelState(
                message.getChannel(),
                message.getName(),
                message.getEpoch(),
                message.getHead(),
                message.getFirst(),
                message.getMayPublish(),
                message.getMaySubscribe(),
                message.getAttributes(),
                message.getAttributesSequence());
        state = State.OPEN;
        opened = opening;
        openRequestId = 0;
        openedNs = nowNs;
        publishes.onOpened(message, nowNs, nonceMemoryNs);
        if (carried != null) {
            carried.onOpened(message, opening);
        }
        channels.touch(this);
    }

    /** The server refused the OPEN. A new subscription fails alone: what else waits may be allowed without it. */
    void onOpenRefused(FreshetException cause) {
        ActiveSubscription refused = carried;
        boolean wasOpen = opened != null;
        openRequestId = 0;
        carried = null;
        state = State.WAITING;
        if (refused != null && !refused.isEstablished()) {
            if (subscription == refused) {
                subscription = null;
            }
            refused.fail(cause);
            goIdleUnlessWanted();
        } else if (wasOpen && cause.isRetryable()) {
            openPause.start(cause, publishes.onOpenRefused(cause));
        } else {
            failAll(cause);
        }
        channels.touch(this);
    }

    void onClosed(Closed message) {
        boolean wasAsked = state == State.CLOSING;
        leaveSession();
        if (message.getReason() == CloseReason.CLOSE_REASON_REVOKED) {
            failAll(FreshetException.refused(
                    ErrorCode.REVOKED, "the right to use channel " + name + " was revoked", 0));
        } else if (message.getReason() == CloseReason.CLOSE_REASON_DELETED) {
            failAll(FreshetException.refused(ErrorCode.UNKNOWN_CHANNEL, "channel " + name + " was deleted", 0));
        } else if (wasAsked) {
            goIdleUnlessWanted();
        } else {
            state = State.WAITING;
            openPause.start(FreshetException.refused(
                    ErrorCode.CHANNEL_UNAVAILABLE,
                    "the server closed channel " + name + ": " + message.getReason(),
                    0));
        }
        channels.touch(this);
    }

    void onRecord(RecordView record) {
        ActiveSubscription target = carried;
        if (target == null) {
            throw new ProtocolException(
                    ErrorCode.UNEXPECTED_FRAME, "a record of channel " + name + ", which has no subscription");
        }
        target.onRecord(record);
    }

    void onGap(Gap gap) {
        if (carried != null) {
            carried.onGap(gap.getFirstSequence(), gap.getCount(), GapReason.of(gap.getReason()));
        }
    }

    void onEpoch(Epoch message) {
        ChannelState before = opened;
        if (before != null) {
            opened = before.in(message.getEpoch(), message.getHead());
            if (carried != null) {
                carried.onEpoch(message.getEpoch(), message.getValidUpTo(), opened);
            }
        }
    }

    /** Returns how many publishes this answers. */
    int onPublished(Published published, long firstCounter) {
        channels.touch(this);
        return publishes.onPublished(published, firstCounter);
    }

    /** Publishes were refused. Returns how many this answers. */
    int onRefused(Error error, long firstCounter, FreshetException cause) {
        channels.touch(this);
        return publishes.onRefused(error, firstCounter, cause);
    }

    /** The channel as a whole was refused something, outside of any request. */
    void onChannelError(FreshetException cause) {
        if (state == State.CLOSING && cause.code() == ErrorCode.NOT_OPEN) {
            leaveSession();
            goIdleUnlessWanted();
            channels.touch(this);
        } else if (!cause.isRetryable()) {
            leaveSession();
            failAll(cause);
        }
    }

    /** The fetch that was sent under this number, or null; what comes of it is the caller's business now. */
    @Nullable
    FetchRequest takeFetch(long requestId) {
        channels.touch(this);
        return fetches.take(requestId);
    }

    void onPage() {
        fetches.onPage();
    }

    void onFetchRefused(FetchRequest fetch, FreshetException cause) {
        fetches.onRefused(fetch, cause);
    }

    /** Whether something was published that the server owes an answer to. */
    boolean awaitsAnswers() {
        return publishes.awaitsAnswers();
    }

    /** Whether the subscription needs to be told the channel's signals. */
    boolean needsSignals() {
        return subscription != null && subscription.needsSignals();
    }

    /** What holds in the channel at the moment. */
    void onSignal(Signal signal) {
        if (carried != null) {
            carried.onSignal(signal);
            channels.touch(this);
        }
    }

    // ---- how it ends

    /** The session is gone: what was asked of it is asked again on the next one. */
    void onDisconnected() {
        leaveSession();
        boolean isKept = isWanted() || (opened != null && closeRequests.isEmpty());
        state = State.WAITING;
        if (!isKept) {
            goIdle();
        }
        channels.touch(this);
    }

    private void leaveSession() {
        boolean wasOpen = state == State.OPEN || state == State.CLOSING;
        if (wasOpen && core.nanoTime() - openedNs >= openPause.boundNs()) {
            openPause.resetBackOff(); // one that is closed sooner each time is opened ever more rarely
        }
        channels.onAnswered(openRequestId);
        if (opened != null) {
            channels.onLeft(opened.id());
        }
        openRequestId = 0;
        carried = null;
        fetches.onLeft();
        signals.onLeft();
    }

    private void goIdleUnlessWanted() {
        if (isWanted()) {
            state = State.WAITING;
        } else {
            goIdle();
        }
    }

    private void goIdle() {
        state = State.IDLE;
        opened = null;
        channels.onIdle(this);
        completeAll(closeRequests, null);
    }

    /** Fails whatever waits for this channel, and tells the subscription. */
    private void failAll(FreshetException cause) {
        ActiveSubscription ended = subscription;
        subscription = null;
        carried = null;
        if (ended != null) {
            ended.fail(cause);
        }
        openPause.cancel();
        publishes.end(cause);
        fetches.fail(cause);
        signals.fail(cause);
        List<Request<ChannelState>> failed = List.copyOf(openRequests);
        openRequests.clear();
        failed.forEach(request -> request.fail(cause));
        goIdle();
    }

    private static <T> void completeAll(List<Request<T>> requests, @Nullable T result) {
        if (!requests.isEmpty()) {
            List<Request<T>> completed = List.copyOf(requests);
            requests.clear();
            completed.forEach(request -> request.succeed(result));
        }
    }

    /** The client ends. {@code isByUser}: then no handler is told. */
    void end(FreshetException cause, boolean isByUser) {
        if (subscription != null && isByUser) {
            subscription.close(cause);
            subscription = null;
        }
        if (isByUser) {
            signals.end(cause);
        }
        failAll(cause);
    }

    /** See {@link PublishWindow#expire}. */
    long expire(long nowNs, long nonceMemoryNs, boolean isConnected) {
        return publishes.expire(nowNs, nonceMemoryNs, isConnected);
    }
}
