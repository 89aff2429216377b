package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Said;
import io.freshet.protocol.v1.Signal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The signals of one channel, over all its sessions: what is to be sent when, and who is told of what comes. Client's thread. */
final class ChannelSignals {
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** A user who goes on writing says so again after this. */
    private static final long TYPING_AGAIN_NS = TimeUnit.SECONDS.toNanos(3);

    private final ClientChannel channel;
    private final ClientCore core;
    private final Channels channels;
    private final SignalOutbox outbox;
    private @Nullable SignalHandler handler;
    private @Nullable Request<Void> watchRequest;
    private boolean isWatchSent;
    /** Whether it is to be sent again when the timer ends. */
    private boolean isWatchRefused;

    private boolean isTyping;
    private long typingSentNs;
    private @Nullable Boolean typingToSend;
    private boolean isDue;
    private long sentNs;
    private boolean hasSent;
    private ClientTransport.@Nullable Cancellation timer;

    ChannelSignals(ClientChannel channel, ClientCore core, Channels channels) {
        this.channel = channel;
        this.core = core;
        this.channels = channels;
        outbox = new SignalOutbox(channel, core);
    }

    SignalOutbox outbox() {
        return outbox;
    }

    void watch(SignalHandler newHandler, Request<Void> request) {
        endRequest(FreshetException.refused(
                ErrorCode.CLIENT_CLOSED, "another handler watches channel " + channel.name(), 0));
        handler = newHandler;
        watchRequest = request;
        isWatchSent = false; // asked again, so that the new one is told what holds
        isDue = true;
        channels.touch(channel);
    }

    void unwatch(Request<Void> request) {
        handler = null;
        endRequest(FreshetException.refused(
                ErrorCode.CLIENT_CLOSED, "channel " + channel.name() + " is watched no more", 0));
        isDue |= isWatchSent;
        channels.touch(channel);
        request.succeed(null);
    }

    private void endRequest(FreshetException cause) {
        Request<Void> ended = watchRequest;
        watchRequest = null;
        if (ended != null) {
            ended.fail(cause);
        }
    }

    /** A user has said something. */
    void onSaid() {
        Boolean typing = outbox.takeTyping();
        if (typing != null) {
            onTyping(typing);
        }
        schedule();
    }

    private void onTyping(boolean isOn) {
        boolean isNews = isOn != isTyping || (isOn && core.nanoTime() - typingSentNs >= TYPING_AGAIN_NS);
        if (isNews) {
            isTyping = isOn;
            typingSentNs = core.nanoTime();
            typingToSend = isOn;
        }
    }

    /** Whether something that users said is to be sent. */
    boolean isUnsent() {
        return typingToSend != null || outbox.hasCounts() || outbox.hasSaid();
    }

    /** Sends what there is now when the time since the last is long enough, or else then. */
    private void schedule() {
        if (!isUnsent() || isDue || timer != null) {
            return;
        }
        long sinceNs = core.nanoTime() - sentNs;
        if (!hasSent || sinceNs >= TICK_NS) {
            flush();
        } else {
            timer = core.schedule(this::onTimer, TICK_NS - sinceNs);
        }
    }

    private void onTimer() {
        timer = null;
        isDue = true;
        isWatchSent &= !isWatchRefused;
        isWatchRefused = false;
        channels.touch(channel);
    }

    /** Has what there is sent as soon as that can be. */
    void flush() {
        if (isUnsent()) {
            isDue = true;
            channels.touch(channel);
        }
    }

    /** Whether somebody watches, or something is to be sent. */
    boolean isWanted() {
        return handler != null || isDue || timer != null;
    }

    /** Sends what is due. */
    void send(ServerSession session, long channelId, long nowNs) {
        boolean isWatching = handler != null || channel.needsSignals();
        if (!isDue && isWatching == isWatchSent) {
            return;
        }
        isDue = false;
        hasSent = true;
        sentNs = nowNs;
        Signal.Builder signal = Signal.newBuilder().setChannel(channelId);
        if (isWatching != isWatchSent) {
            signal.setWatch(isWatching);
            isWatchSent = isWatching;
        }
        Boolean typing = typingToSend;
        if (typing != null) {
            typingToSend = null;
            signal.setTyping(typing);
        }
        outbox.moveTo(signal);
        if (signal.hasWatch() || signal.hasTyping() || signal.getCountsCount() + signal.getSaidCount() > 0) {
            session.send(FrameType.SIGNAL, signal.build());
        }
        schedule();
    }

    void onSignal(Signal signal) {
        channel.onSignal(signal);
        SignalHandler watching = handler;
        if (watching == null) {
            return; // it was on its way when the user had seen enough
        }
        SignalState state = SignalState.of(signal);
        core.callbacks().run("SignalHandler.onState", () -> watching.onState(state));
        for (Said said : signal.getSaidList()) {
            core.callbacks()
                    .run(
                            "SignalHandler.onSaid",
                            () -> watching.onSaid(
                                    said.getSender(),
                                    said.getKind(),
                                    said.getBody().toByteArray()));
        }
        Request<Void> begun = watchRequest;
        if (begun != null) {
            watchRequest = null;
            begun.succeed(null);
        }
    }

    /** The server refused a signal. */
    void onRefused(FreshetException cause) {
        SignalHandler watching = handler;
        if (cause.isRetryable() && isWatchSent) {
            watchAgain(cause);
        }
        if (watchRequest != null && !cause.isRetryable()) {
            handler = null;
            endRequest(cause);
        } else if (watching != null) {
            core.callbacks().run("SignalHandler.onRefused", () -> watching.onRefused(cause));
        }
    }

    /** The refused one may have been that which asks to be told; who is told already is not harmed. */
    private void watchAgain(FreshetException cause) {
        isWatchRefused = true;
        if (timer == null) {
            timer = core.schedule(
                    this::onTimer, Math.max(TICK_NS, TimeUnit.MILLISECONDS.toNanos(cause.retryAfterMs())));
        }
    }

    /** The opening of the channel is gone: on the next one it watches again. */
    void onLeft() {
        isWatchSent = false;
        isWatchRefused = false;
        isTyping = false;
        isDue = handler != null || isUnsent(); // that nobody watches any more need not be told
    }

    /** The channel cannot be used any more. */
    void fail(FreshetException cause) {
        SignalHandler ended = handler;
        boolean wasTold = ended != null && watchRequest == null;
        end(cause);
        if (ended != null && wasTold) {
            core.callbacks().run("SignalHandler.onEnd", () -> ended.onEnd(cause));
        }
    }

    /** The client ends: nobody is told. */
    void end(FreshetException cause) {
        handler = null;
        endRequest(cause);
        outbox.clear();
        typingToSend = null;
        isDue = false;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
