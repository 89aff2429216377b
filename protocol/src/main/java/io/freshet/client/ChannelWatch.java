package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Said;
import io.freshet.protocol.v1.Signal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who is told of one channel's signals, over all its sessions. A server that is asked by too many at once does not tell each that it
 * was not heard: so a watch counts once the first signal has come, and is asked for again until then. Client's thread.
 */
final class ChannelWatch {
    /** A server tells ten times a second; one that has said nothing for so long may not have heard. */
    private static final long AGAIN_NS = TimeUnit.SECONDS.toNanos(1);

    private final ClientChannel channel;
    private final ClientCore core;
    private final Channels channels;
    private @Nullable SignalHandler handler;
    private @Nullable Request<Void> request;
    /** The server was asked on this session, and not told since that it is enough. */
    private boolean isSent;

    private boolean isConfirmed;
    private boolean isDue;
    private ClientTransport.@Nullable Cancellation timer;

    ChannelWatch(ClientChannel channel, ClientCore core, Channels channels) {
        this.channel = channel;
        this.core = core;
        this.channels = channels;
    }

    void begin(SignalHandler newHandler, Request<Void> newRequest) {
        endRequest(FreshetException.refused(
                ErrorCode.CLIENT_CLOSED, "another handler watches channel " + channel.name(), 0));
        handler = newHandler;
        request = newRequest;
        isConfirmed = false; // asked again, so that the new one is told what holds
        ask();
    }

    private void ask() {
        stopTimer();
        isDue = true;
        channels.touch(channel);
    }

    void stop() {
        forget();
        endRequest(FreshetException.refused(
                ErrorCode.CLIENT_CLOSED, "channel " + channel.name() + " is watched no more", 0));
        channels.touch(channel);
    }

    private void forget() {
        handler = null;
        isDue = false;
        stopTimer();
    }

    private void endRequest(FreshetException cause) {
        Request<Void> ended = request;
        request = null;
        if (ended != null) {
            ended.fail(cause);
        }
    }

    /** Whether somebody watches, or the server does not know yet that nobody does. */
    boolean isWanted() {
        return isOn() || isSent;
    }

    /** Watched by the user, or by a subscription that follows the channel's pace. */
    private boolean isOn() {
        return handler != null || channel.needsSignals();
    }

    /** Sends what the server is to know, in a frame of its own: what is refused of other signals does not concern it. */
    void send(ServerSession session, long channelId) {
        boolean isOn = isOn();
        if (isOn == isSent && !isDue) {
            return;
        }
        isDue = false;
        isSent = isOn;
        session.send(
                FrameType.SIGNAL,
                Signal.newBuilder().setChannel(channelId).setWatch(isOn).build());
        if (isOn && !isConfirmed) {
            askAfter(AGAIN_NS);
        }
    }

    private void askAfter(long delayNs) {
        stopTimer();
        timer = core.schedule(this::ask, delayNs);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    void onSignal(Signal signal) {
        isConfirmed = true;
        stopTimer();
        channel.onSignal(signal);
        SignalHandler watching = handler;
        if (watching == null) {
            return; // for the subscription alone, or on its way when the user had seen enough
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
        Request<Void> begun = request;
        if (begun != null) {
            request = null;
            begun.succeed(null);
        }
    }

    /** The server refused a signal, this one or another. */
    void onRefused(FreshetException cause) {
        boolean mayBeThis = isSent && !isConfirmed;
        if (mayBeThis && cause.code() == ErrorCode.FORBIDDEN && !channel.maySubscribe()) {
            fail(cause);
            return;
        }
        if (mayBeThis && cause.isRetryable()) {
            long askedNs = TimeUnit.MILLISECONDS.toNanos(cause.retryAfterMs());
            askAfter(askedNs > 0 ? askedNs : AGAIN_NS);
        }
        SignalHandler watching = handler;
        if (watching != null) {
            core.callbacks().run("SignalHandler.onRefused", () -> watching.onRefused(cause));
        }
    }

    /** The opening of the channel is gone: on the next one it watches again. */
    void onLeft() {
        isSent = false;
        isConfirmed = false;
        isDue = false;
        stopTimer();
    }

    /** Nothing more can be told: whoever waits for the first signal, or is told of them, learns why. */
    void fail(FreshetException cause) {
        SignalHandler ended = handler;
        boolean wasTold = ended != null && request == null;
        end(cause);
        if (ended != null && wasTold) {
            core.callbacks().run("SignalHandler.onEnd", () -> ended.onEnd(cause));
        }
    }

    /** The client ends: nobody is told. */
    void end(FreshetException cause) {
        forget();
        isSent = false;
        endRequest(cause);
    }
}
