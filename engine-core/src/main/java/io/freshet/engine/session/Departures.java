package io.freshet.engine.session;

import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Tells the clients of one reactor to leave, one after the other, evenly over the first half of a window, so that the last have the other half
 * for it; few are told sooner. Each is told a slot of its own for coming back; the application's own stay. Owned by the reactor's thread.
 *
 * <p>It walks the table from its end, so that the session that takes the place of one that ends has been told.
 */
final class Departures {
    /** Between two clients at most: a hundred of them are told within a second. */
    private static final long LONGEST_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final SessionTable sessions;
    private final IntSupplier slotMs;
    private final long beginNs;
    private final long windowNs;
    private final long intervalNs;
    private final int count;
    private int next;

    /** @param slotMs gives each its own slot */
    Departures(SessionTable sessions, IntSupplier slotMs, long nowNs, long windowNs) {
        this.sessions = sessions;
        this.slotMs = slotMs;
        this.windowNs = windowNs;
        beginNs = nowNs;
        count = sessions.size();
        intervalNs = Math.max(1, Math.min(windowNs / 2 / Math.max(1, count), LONGEST_INTERVAL_NS));
        next = count - 1;
    }

    /** Tells those whose time has come; returns how many. */
    int advance(long nowNs) {
        long last = count - 1 - (nowNs - beginNs) / intervalNs;
        int toldCount = 0;
        for (; next >= last && next >= 0; next--) {
            if (next < sessions.size() && !sessions.at(next).isTrusted()) {
                sessions.at(next).goAway(beginNs + windowNs - nowNs, slotMs.getAsInt(), true);
                toldCount++;
            }
        }
        return toldCount;
    }
}
