package io.freshet.client;

import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Signal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What users say of one channel and is not kept, over all its sessions, and when it is sent. Client's thread. */
final class ChannelSignals {
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** A user who goes on writing says so again after this. */
    private static final long TYPING_AGAIN_NS = TimeUnit.SECONDS.toNanos(3);

    private final ClientChannel channel;
    private final ChannelWatch watch;
    private final ClientCore core;
    private final Channels channels;
    private final SignalOutbox outbox;
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
        watch = new ChannelWatch(channel, core, channels);
    }

    SignalOutbox outbox() {
        return outbox;
    }

    ChannelWatch watch() {
        return watch;
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
        flush();
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
        return watch.isWanted() || isDue || timer != null;
    }

    /** Sends what is due. */
    void send(ServerSession session, long channelId, long nowNs) {
        watch.send(session, channelId);
        if (!isDue) {
            return;
        }
        isDue = false;
        hasSent = true;
        sentNs = nowNs;
        Signal.Builder signal = Signal.newBuilder().setChannel(channelId);
        Boolean typing = typingToSend;
        if (typing != null) {
            typingToSend = null;
            signal.setTyping(typing);
        }
        outbox.moveTo(signal);
        if (signal.hasTyping() || signal.getCountsCount() + signal.getSaidCount() > 0) {
            session.send(FrameType.SIGNAL, signal.build());
        }
        schedule();
    }

    /** The opening of the channel is gone. */
    void onLeft() {
        watch.onLeft();
        isTyping = false;
        isDue = isUnsent();
    }

    /** The channel cannot be used any more. */
    void fail(FreshetException cause) {
        endSaid();
        watch.fail(cause);
    }

    /** The client ends: nobody is told. */
    void end(FreshetException cause) {
        endSaid();
        watch.end(cause);
    }

    private void endSaid() {
        outbox.clear();
        typingToSend = null;
        isDue = false;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
