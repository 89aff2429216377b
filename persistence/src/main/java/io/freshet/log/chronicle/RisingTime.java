package io.freshet.log.chronicle;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import net.openhft.chronicle.core.time.TimeProvider;

/** The clock that names roll files, kept from going back, also behind the files there are. Any thread. */
final class RisingTime implements TimeProvider {
    private final LongSupplier epochMsClock;
    private final AtomicLong latestMs;

    /** Starts in {@code cycle} at the earliest; -1 when there is none. */
    RisingTime(LongSupplier epochMsClock, int cycle) {
        this.epochMsClock = epochMsClock;
        latestMs = new AtomicLong(Math.max(0, (long) cycle * RollFiles.CYCLE.lengthInMillis()));
    }

    @Override
    public long currentTimeMillis() {
        long nowMs = epochMsClock.getAsLong();
        long latest = latestMs.get();
        while (nowMs > latest) {
            if (latestMs.compareAndSet(latest, nowMs)) {
                return nowMs;
            }
            latest = latestMs.get();
        }
        return latest;
    }
}
