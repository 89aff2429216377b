package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Published;

/** The publishes of one channel: its {@link PublishWindow}, and when it may send. Client's thread. */
final class ChannelPublishes {
    private final ClientCore core;
    private final Channels channels;
    private final PublishWindow window;
    private final Pause pause;
    private boolean mustReopen;
    /** Whether the server has refused something for now, and has accepted nothing since; and when that began. */
    private boolean isRefused;

    private long refusedNs;

    ChannelPublishes(ClientChannel channel, ClientCore core, Channels channels) {
        this.core = core;
        this.channels = channels;
        window = new PublishWindow(core.counters());
        pause = new Pause(core, core.newBackOff(), () -> channels.touch(channel));
    }

    void add(Publish publish) {
        window.add(publish);
    }

    boolean isEmpty() {
        return window.isEmpty();
    }

    /** Whether something was sent that the server owes an answer to. */
    boolean awaitsAnswers() {
        return window.awaitsAnswers();
    }

    /** Whether the server's nonce counter is not known any more, so that the channel is to be opened again. */
    boolean mustReopen() {
        return mustReopen;
    }

    void send(ServerSession session, ChannelState channel, long nowNs) {
        if (!channel.mayPublish()) {
            window.failWaiting(FreshetException.refused(
                    ErrorCode.FORBIDDEN, "this principal may not publish to channel " + channel.name(), 0));
        }
        if (!pause.isOn()) {
            window.send(session, channel.id(), nowNs);
            if (window.awaitsAnswers()) {
                channels.armExpiry();
            }
        }
    }

    void onOpened(Opened message, long nowNs, long nonceMemoryNs) {
        mustReopen = false;
        window.onOpened(Integer.toUnsignedLong(message.getNonceCounter()), nowNs, nonceMemoryNs);
    }

    /** Returns how many publishes this answers. */
    int onPublished(Published published, long firstCounter) {
        long count = Integer.toUnsignedLong(published.getCount());
        int answeredCount =
                window.onPublished(firstCounter, count, published.getChannel(), published.getFirstSequence());
        if (answeredCount > 0) {
            isRefused = false;
            pause.resetBackOff();
        }
        settle();
        return answeredCount;
    }

    /** Returns how many publishes this answers. */
    int onRefused(Error error, long firstCounter, FreshetException cause) {
        int answeredCount = window.onRefused(firstCounter, Integer.toUnsignedLong(error.getCount()), cause);
        settle();
        return answeredCount;
    }

    private void settle() {
        if (window.isSettleable()) {
            PublishWindow.Settlement settlement = window.settle();
            mustReopen |= settlement.mustReopen();
            FreshetException refusal = settlement.reasonToWait();
            if (refusal != null) {
                long leftNs = leftNs();
                if (leftNs > 0) {
                    pause.start(refusal, leftNs);
                } else {
                    isRefused = false;
                    window.giveUp(refusal);
                }
            }
        }
    }

    /** The server has refused for now: how long that may go on. */
    private long leftNs() {
        long nowNs = core.nanoTime();
        if (!isRefused) {
            isRefused = true;
            refusedNs = nowNs;
        }
        return refusedNs + core.retryTimeoutNs() - nowNs;
    }

    /** The server does not open the channel again for now. Returns the longest back-off before the next try. */
    long onOpenRefused(FreshetException refusal) {
        if (window.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long leftNs = leftNs();
        if (leftNs > 0) {
            return leftNs;
        }
        isRefused = false;
        window.failWaiting(refusal);
        return Long.MAX_VALUE;
    }

    /** See {@link PublishWindow#expire}. */
    long expire(long nowNs, long nonceMemoryNs, boolean isConnected) {
        return window.expire(nowNs, nonceMemoryNs, isConnected);
    }

    /** See {@link PublishWindow#end}. */
    void end(FreshetException cause) {
        pause.cancel();
        isRefused = false;
        window.end(cause);
    }
}
