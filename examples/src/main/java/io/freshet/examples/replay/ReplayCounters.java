package io.freshet.examples.replay;

import java.util.concurrent.atomic.LongAdder;

/** What the players of one replay have done so far. Any thread. */
public final class ReplayCounters {
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder connected = new LongAdder();
    private final LongAdder closed = new LongAdder();

    void onAcknowledged() {
        acknowledged.increment();
    }

    void onConnected() {
        connected.increment();
    }

    void onClosed() {
        closed.increment();
    }

    /** Lines that the server has acknowledged. */
    public long acknowledgedCount() {
        return acknowledged.sum();
    }

    /** Connections made, each for one speaker. */
    public long speakerCount() {
        return connected.sum();
    }

    /** Connections open now. */
    public long openCount() {
        return connected.sum() - closed.sum();
    }
}
