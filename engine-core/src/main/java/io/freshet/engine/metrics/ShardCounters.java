package io.freshet.engine.metrics;

import org.agrona.concurrent.NanoClock;

/** What is counted for one shard. Written by the thread of the reactor that owns it, read by any. */
public final class ShardCounters {
    private final Counters<ShardCounter> counts = new Counters<>(ShardCounter.class);
    private final DurationHistogram appends;

    /** @param clock what readers go by */
    public ShardCounters(NanoClock clock) {
        appends = new DurationHistogram(clock);
    }

    public void add(ShardCounter counter, long amount) {
        counts.add(counter, amount);
    }

    public void set(ShardCounter counter, long value) {
        counts.set(counter, value);
    }

    public long value(ShardCounter counter) {
        return counts.value(counter);
    }

    /** How long the log takes for what a cycle gives it. */
    public DurationHistogram appends() {
        return appends;
    }
}
