package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The fetches of one channel: some the server was asked, the rest waiting behind them. Client's thread. */
final class ChannelFetches {
    /** Fetches of one channel that the server is asked for at a time. */
    private static final int MAX_SENT = 16;

    private final ClientChannel channel;
    private final Channels channels;
    private final ClientCore core;
    private final ArrayDeque<FetchRequest> unsent = new ArrayDeque<>();
    private final ArrayDeque<FetchRequest> sent = new ArrayDeque<>();
    private final Pause pause;
    /** When the server began to refuse, and has answered nothing since. */
    private long refusedNs;

    private boolean isRefused;

    ChannelFetches(ClientChannel channel, ClientCore core, Channels channels) {
        this.channel = channel;
        this.channels = channels;
        this.core = core;
        pause = new Pause(core, core.newBackOff(), () -> channels.touch(channel));
    }

    void add(FetchRequest request) {
        unsent.add(request);
    }

    boolean isEmpty() {
        return unsent.isEmpty() && sent.isEmpty();
    }

    void send(ServerSession session, long channelId) {
        while (!pause.isOn() && sent.size() < MAX_SENT && !unsent.isEmpty()) {
            FetchRequest fetch = unsent.remove();
            sent.add(fetch);
            fetch.requestId = channels.onFetching(channel);
            session.send(FrameType.FETCH, fetch.message(channelId));
        }
    }

    /** The server has answered this one with a page. */
    void onPage() {
        isRefused = false;
        pause.resetBackOff();
    }

    /** The server refused this one; what it would answer later is asked again, after the time that it tells, but not for ever. */
    void onRefused(FetchRequest fetch, FreshetException cause) {
        long leftNs = isForNow(cause.code()) ? leftNs() : 0;
        if (leftNs > 0) {
            unsent.addFirst(fetch);
            pause.start(cause, leftNs);
        } else {
            fetch.fail(cause);
        }
    }

    private static boolean isForNow(ErrorCode code) {
        return code == ErrorCode.HISTORY_RATE || code == ErrorCode.LIMIT_REACHED || code == ErrorCode.OVERLOADED;
    }

    /** How long the server may go on to refuse. */
    private long leftNs() {
        long nowNs = core.nanoTime();
        if (!isRefused) {
            isRefused = true;
            refusedNs = nowNs;
        }
        return refusedNs + core.retryTimeoutNs() - nowNs;
    }

    /** The one sent under this number, which is no longer kept here; null when there is none. */
    @Nullable
    FetchRequest take(long requestId) {
        for (FetchRequest fetch : sent) {
            if (fetch.requestId == requestId) {
                sent.remove(fetch);
                return fetch;
            }
        }
        return null;
    }

    /** The opening of the channel they were sent on is gone: they are to be sent again, in their order. */
    void onLeft() {
        while (!sent.isEmpty()) {
            FetchRequest fetch = sent.removeLast();
            channels.onAnswered(fetch.requestId);
            unsent.addFirst(fetch);
        }
    }

    void fail(FreshetException cause) {
        pause.cancel();
        isRefused = false;
        onLeft();
        List<FetchRequest> failed = new ArrayList<>(unsent);
        unsent.clear();
        failed.forEach(fetch -> fetch.fail(cause));
    }
}
