package io.freshet.engine.mailbox;

import org.agrona.concurrent.EpochMicroClock;
import org.agrona.concurrent.NanoClock;

/**
 * The time within one duty cycle, read at most once per cycle and only when somebody asks. Owned by the reactor's thread.
 * It is forgotten before the reactor may block, so that what arrives afterwards is not stamped with the time before.
 */
public final class CycleClock {
    private final NanoClock nanoClock;
    private final EpochMicroClock microClock;
    private long nowNs;
    private long nowUs;
    private boolean isNsKnown;
    private boolean isUsKnown;

    public CycleClock(NanoClock nanoClock, EpochMicroClock microClock) {
        this.nanoClock = nanoClock;
        this.microClock = microClock;
    }

    /** Starts a new cycle: the next question reads the clock. */
    public void forget() {
        isNsKnown = false;
        isUsKnown = false;
    }

    /** Monotonic nanoseconds. */
    public long nowNs() {
        if (!isNsKnown) {
            nowNs = nanoClock.nanoTime();
            isNsKnown = true;
        }
        return nowNs;
    }

    /** The time at this moment, in monotonic nanoseconds: for what measures within a cycle. */
    public long readNs() {
        return nanoClock.nanoTime();
    }

    /** Microseconds since the epoch. */
    public long nowUs() {
        if (!isUsKnown) {
            nowUs = microClock.microTime();
            isUsKnown = true;
        }
        return nowUs;
    }
}
