package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Signal;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The channels that are in use, and the way from a frame to the one it is about: by channel id, or by the number of the
 * request it answers. Client's thread.
 */
final class Channels {
    private final ClientCore core;
    private final int instance;
    private final Counters counters;
    private final List<ClientChannel> active = new ArrayList<>();
    private final ArrayDeque<ClientChannel> touched = new ArrayDeque<>();
    private final Long2ObjectHashMap<ClientChannel> byId = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<ClientChannel> opening = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<ClientChannel> fetching = new Long2ObjectHashMap<>();
    private final ArrayDeque<ClientChannel> awaitingRoom = new ArrayDeque<>();
    private final RecordView view = new RecordView();
    private long lastRequestId;
    private long nonceMemoryNs;
    private boolean isConnected;
    private ClientTransport.@Nullable Cancellation expiryTimer;

    Channels(ClientCore core, int instance) {
        this.core = core;
        this.instance = instance;
        this.counters = core.counters();
    }

    // ---- what a channel tells

    /** Has the channel do what it can before control goes back to the transport. */
    void touch(ClientChannel channel) {
        if (!channel.isTouched) {
            channel.isTouched = true;
            touched.add(channel);
        }
    }

    void onActive(ClientChannel channel) {
        active.add(channel);
    }

    void onIdle(ClientChannel channel) {
        active.remove(channel);
    }

    /** Whether one channel more may be open on this session. */
    boolean mayOpen(int maxOpenChannels) {
        return byId.size() + opening.size() < maxOpenChannels;
    }

    /** A number that no request of this client has had. */
    long newRequestId() {
        return ++lastRequestId;
    }

    /**
     * Leaves a channel that is not used at the moment, for the one that wants to be opened and is touched when there is room; false when
     * there is none.
     */
    boolean makeRoom(ServerSession session, ClientChannel waiting) {
        if (awaitingRoom.contains(waiting)) {
            return true;
        }
        for (ClientChannel each : byId.values()) {
            if (each.leaveIfUnused(session)) {
                awaitingRoom.add(waiting);
                return true;
            }
        }
        return false;
    }

    /** Returns the number for an OPEN. */
    long onOpening(ClientChannel channel) {
        opening.put(++lastRequestId, channel);
        return lastRequestId;
    }

    /** Returns the number for a FETCH. */
    long onFetching(ClientChannel channel) {
        fetching.put(++lastRequestId, channel);
        return lastRequestId;
    }

    /** No answer to this request is awaited any more. */
    void onAnswered(long requestId) {
        opening.remove(requestId);
        fetching.remove(requestId);
    }

    /** The channel is not open on this session any more. */
    void onLeft(long channelId) {
        byId.remove(channelId);
        ClientChannel waiting = awaitingRoom.poll();
        if (waiting != null) {
            touch(waiting);
        }
    }

    /** Sees to it that what is in flight for too long is given up. */
    void armExpiry() {
        if (expiryTimer == null && nonceMemoryNs > 0) {
            expiryTimer = core.schedule(this::expire, nonceMemoryNs);
        }
    }

    private void expire() {
        expiryTimer = null;
        long nowNs = core.nanoTime();
        long nextNs = Long.MAX_VALUE;
        for (ClientChannel channel : active) {
            nextNs = Math.min(nextNs, channel.expire(nowNs, nonceMemoryNs, isConnected));
        }
        if (nextNs != Long.MAX_VALUE) {
            expiryTimer = core.schedule(this::expire, nextNs - nowNs);
        }
    }

    // ---- what the core tells

    /** Does what became possible. */
    void advance(@Nullable ServerSession session, long nowNs) {
        ClientChannel channel;
        while ((channel = touched.poll()) != null) {
            channel.isTouched = false;
            channel.advance(session, nowNs);
        }
    }

    /** Whether something was published that the server owes an answer to. */
    boolean awaitsAnswers() {
        for (ClientChannel channel : active) {
            if (channel.awaitsAnswers()) {
                return true;
            }
        }
        return false;
    }

    /** Whether somebody waits for something of a channel. */
    boolean isAnyWanted() {
        for (ClientChannel channel : active) {
            if (channel.isWanted()) {
                return true;
            }
        }
        return false;
    }

    void touchAll() {
        active.forEach(this::touch);
    }

    void onConnected(int nonceMemoryMs) {
        isConnected = true;
        nonceMemoryNs = TimeUnit.MILLISECONDS.toNanos(Integer.toUnsignedLong(nonceMemoryMs));
        touchAll();
    }

    void onDisconnected() {
        isConnected = false;
        awaitingRoom.clear();
        for (ClientChannel channel : List.copyOf(active)) {
            channel.onDisconnected();
        }
        if (expiryTimer != null) {
            expiryTimer.cancel();
        }
        expire();
    }

    void end(FreshetException cause, boolean isByUser) {
        List<ClientChannel> ended = new ArrayList<>(active);
        ended.addAll(touched);
        ended.forEach(channel -> channel.end(cause, isByUser));
        if (expiryTimer != null) {
            expiryTimer.cancel();
            expiryTimer = null;
        }
    }

    // ---- frames

    void onRecord(ByteBuf buffer, int frameIndex, int frameLength) {
        try {
            view.wrap(buffer, frameIndex, frameLength);
            open(view.channel()).onRecord(view);
            Counters.increment(counters.recordsReceived);
        } finally {
            view.clear();
        }
    }

    private ClientChannel open(long channelId) {
        ClientChannel channel = byId.get(channelId);
        if (channel == null) {
            throw new ProtocolException(
                    ErrorCode.UNEXPECTED_FRAME,
                    "a frame of channel " + Long.toUnsignedString(channelId) + ", which is not open");
        }
        return channel;
    }

    void onPublished(Published published) {
        ClientChannel channel = byId.get(published.getChannel());
        long nonce = published.getFirstNonce();
        if (channel == null
                || !isOwn(nonce)
                || channel.onPublished(published, Integer.toUnsignedLong((int) nonce)) == 0) {
            Counters.increment(counters.unexpectedAnswers);
        }
    }

    private boolean isOwn(long nonce) {
        return (int) (nonce >>> 32) == instance;
    }

    void onOpened(Opened opened) {
        ClientChannel channel = opening.remove(opened.getRequest());
        if (channel == null || byId.containsKey(opened.getChannel())) {
            throw new ProtocolException(
                    ErrorCode.UNEXPECTED_FRAME,
                    "OPENED of channel " + Long.toUnsignedString(opened.getChannel()) + " for request "
                            + Long.toUnsignedString(opened.getRequest()) + ", which is not expected");
        }
        byId.put(opened.getChannel(), channel);
        channel.onOpened(opened, core.nanoTime(), nonceMemoryNs);
    }

    void onClosed(Closed closed) {
        open(closed.getChannel()).onClosed(closed);
    }

    void onGap(Gap gap) {
        open(gap.getChannel()).onGap(gap);
    }

    void onSignal(Signal signal) {
        open(signal.getChannel()).signals().watch().onSignal(signal);
    }

    /** Whether something that was said and is not kept is still to be sent. */
    boolean haveSignals() {
        for (ClientChannel channel : active) {
            if (channel.signals().isUnsent()) {
                return true;
            }
        }
        return false;
    }

    /** Sends what is said and not kept as far as there is a session, without waiting for its time. */
    void flushSignals() {
        active.forEach(channel -> channel.signals().flush());
    }

    void onEpoch(Epoch epoch) {
        open(epoch.getChannel()).onEpoch(epoch);
    }

    void onPage(Page page) {
        ClientChannel channel = fetching.remove(page.getRequest());
        FetchRequest fetch = channel == null ? null : channel.takeFetch(page.getRequest());
        if (channel == null || fetch == null) {
            Counters.increment(counters.unexpectedAnswers);
            return;
        }
        channel.onPage();
        try {
            fetch.succeed(PageParser.parse(page));
        } catch (ProtocolException e) {
            // Not asked again: another session would bring the same bytes.
            fetch.fail(e);
            throw e;
        }
    }

    void onError(Error error, FreshetException cause) {
        if (error.getRequest() != 0) {
            onRequestError(error.getRequest(), cause);
            return;
        }
        ClientChannel channel = byId.get(error.getChannel());
        long nonce = error.getFirstNonce();
        if (channel == null) {
            Counters.increment(counters.unexpectedAnswers);
        } else if (error.getSignal()) {
            channel.signals().watch().onRefused(cause);
        } else if (error.getCount() == 0) {
            channel.onChannelError(cause);
        } else if (!isOwn(nonce) || channel.onRefused(error, Integer.toUnsignedLong((int) nonce), cause) == 0) {
            Counters.increment(counters.unexpectedAnswers);
        }
    }

    private void onRequestError(long requestId, FreshetException cause) {
        ClientChannel channel = opening.remove(requestId);
        if (channel != null) {
            channel.onOpenRefused(cause);
            return;
        }
        ClientChannel asked = fetching.remove(requestId);
        FetchRequest fetch = asked == null ? null : asked.takeFetch(requestId);
        if (asked != null && fetch != null) {
            asked.onFetchRefused(fetch, cause);
        } else {
            Counters.increment(counters.unexpectedAnswers);
        }
    }
}
