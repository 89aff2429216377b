package io.freshet.engine.notice;

import java.util.concurrent.TimeUnit;

/** When something that did not succeed is tried again: each time after twice as long, up to ten seconds. Belongs to the notifier's thread. */
final class Backoff {
    private static final long FIRST_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(10);

    long dueNs;
    private long pauseNs;

    boolean isDue(long nowNs) {
        return nowNs - dueNs >= 0;
    }

    void postpone(long nowNs) {
        pauseNs = Math.min(LONGEST_NS, pauseNs == 0 ? FIRST_NS : 2 * pauseNs);
        dueNs = nowNs + pauseNs;
    }

    /** It has succeeded. */
    void reset(long nowNs) {
        pauseNs = 0;
        dueNs = nowNs;
    }
}
