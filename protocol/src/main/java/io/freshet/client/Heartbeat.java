package io.freshet.client;

import org.jspecify.annotations.Nullable;

/**
 * Notices silence: has something sent when nothing was sent for one interval, and ends the session when nothing was
 * received for two. Client's thread.
 *
 * <p>A timer that comes much too late says that this thread was busy, perhaps in a user's handler, and that received
 * bytes may wait unread; then the server gets one more interval.
 */
final class Heartbeat {
    private final ClientTransport transport;
    private final long intervalNs;
    private final Runnable onNothingSent;
    private final Runnable onNothingReceived;
    private long sentNs;
    private long receivedNs;
    private long dueNs;
    private ClientTransport.@Nullable Cancellation timer;

    Heartbeat(ClientTransport transport, long intervalNs, Runnable onNothingSent, Runnable onNothingReceived) {
        this.transport = transport;
        this.intervalNs = intervalNs;
        this.onNothingSent = onNothingSent;
        this.onNothingReceived = onNothingReceived;
    }

    void start(long nowNs) {
        sentNs = nowNs;
        receivedNs = nowNs;
        arm(nowNs);
    }

    void onSent(long nowNs) {
        sentNs = nowNs;
    }

    void onReceived(long nowNs) {
        receivedNs = nowNs;
    }

    private void arm(long nowNs) {
        dueNs = Math.min(sentNs + intervalNs, receivedNs + 2 * intervalNs);
        timer = transport.schedule(this::onTimer, Math.max(0, dueNs - nowNs));
    }

    private void onTimer() {
        if (timer == null) {
            return;
        }
        long nowNs = transport.nanoTime();
        if (nowNs - dueNs > intervalNs / 2) {
            receivedNs = Math.max(receivedNs, nowNs - intervalNs);
        }
        if (nowNs - receivedNs >= 2 * intervalNs) {
            timer = null;
            onNothingReceived.run();
            return;
        }
        if (nowNs - sentNs >= intervalNs) {
            sentNs = nowNs;
            onNothingSent.run();
        }
        if (timer != null) {
            arm(nowNs);
        }
    }

    /** Neither callback runs any more. Idempotent. */
    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
