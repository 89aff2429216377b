package io.freshet.log;

import java.util.concurrent.atomic.AtomicLong;

/** A clock that a test moves; both kinds of time. Any thread. */
public final class TestClock {
    private final AtomicLong nowNs = new AtomicLong(1_700_000_000_000_000_000L);

    public long nanoTime() {
        return nowNs.get();
    }

    public long epochMs() {
        return nowNs.get() / 1_000_000;
    }

    public void advanceMs(long ms) {
        nowNs.addAndGet(ms * 1_000_000);
    }

    /** A configuration with one shard that runs on this clock. */
    public StorageConfig.Builder config() {
        return StorageConfig.builder()
                .shardCount(1)
                .minFreeLength(0)
                .indexMapLength(1 << 20)
                .nanoClock(this::nanoTime)
                .epochMsClock(this::epochMs);
    }
}
