package io.freshet.engine.simulation;

import org.agrona.concurrent.EpochMicroClock;
import org.agrona.concurrent.NanoClock;

/** Simulated time: monotonic, and on the wall, which may be set back. */
final class SimClock implements NanoClock, EpochMicroClock {
    private static final long START_US = 1_700_000_000_000_000L;

    private long nowNs;
    private long wallOffsetUs;
    private long latestUs;

    @Override
    public long nanoTime() {
        return nowNs;
    }

    @Override
    public long microTime() {
        long us = START_US + wallOffsetUs + nowNs / 1_000;
        latestUs = Math.max(latestUs, us);
        return us;
    }

    /** The latest time that anybody has ever seen on the wall. */
    long latestUs() {
        return latestUs;
    }

    long epochMs() {
        return microTime() / 1_000;
    }

    void advance(long ns) {
        nowNs += ns;
    }

    void advanceTo(long ns) {
        nowNs = Math.max(nowNs, ns);
    }

    /** Somebody sets the clock on the wall, which stays within this bound of what it was at first. */
    void stepWall(long us, long boundUs) {
        wallOffsetUs = Math.max(-boundUs, Math.min(boundUs, wallOffsetUs + us));
    }
}
