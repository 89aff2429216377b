package io.freshet.engine.simulation;

import org.agrona.concurrent.EpochMicroClock;
import org.agrona.concurrent.NanoClock;

/** Simulated time: monotonic, and on the wall, which may be set back. */
final class SimClock implements NanoClock, EpochMicroClock {
    private static final long START_US = 1_700_000_000_000_000L;

    private long nowNs;
    private long wallOffsetUs;

    @Override
    public long nanoTime() {
        return nowNs;
    }

    @Override
    public long microTime() {
        return START_US + wallOffsetUs + nowNs / 1_000;
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
