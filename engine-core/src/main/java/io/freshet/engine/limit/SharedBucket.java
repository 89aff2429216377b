package io.freshet.engine.limit;

import io.freshet.engine.Rate;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A rate that several reactors ask. Any thread; never blocks. */
public final class SharedBucket {
    private final Refill refill;
    private final AtomicLong fullNs;

    private SharedBucket(Rate rate, long nowNs) {
        refill = new Refill(rate);
        fullNs = new AtomicLong(nowNs);
    }

    /** A full bucket; null when the rate has no limit. */
    public static @Nullable SharedBucket of(Rate rate, long nowNs) {
        return rate.isUnlimited() ? null : new SharedBucket(rate, nowNs);
    }

    /** Takes one token; returns 0, or for how many nanoseconds to wait when there is none. */
    public long take(long nowNs) {
        while (true) {
            long beforeNs = fullNs.get();
            long afterNs = refill.after(beforeNs, nowNs, refill.oneNs());
            if (!refill.covers(afterNs, nowNs)) {
                return refill.waitNs(beforeNs, nowNs);
            }
            if (fullNs.compareAndSet(beforeNs, afterNs)) {
                return 0;
            }
        }
    }

    /** Whether there is a token, which is not taken: 0, or for how many nanoseconds to wait. */
    public long look(long nowNs) {
        long beforeNs = fullNs.get();
        return refill.covers(refill.after(beforeNs, nowNs, refill.oneNs()), nowNs) ? 0 : refill.waitNs(beforeNs, nowNs);
    }

    /** Takes so many tokens, whether they are there or not: what is missing has to be filled in before the next. */
    public void charge(long tokens, long nowNs) {
        long costNs = refill.costNs(tokens);
        long beforeNs = fullNs.get();
        while (!fullNs.compareAndSet(beforeNs, refill.after(beforeNs, nowNs, costNs))) {
            beforeNs = fullNs.get();
        }
    }

    /** Whether it is as if nobody had ever taken anything. */
    boolean isFull(long nowNs) {
        return fullNs.get() - nowNs <= 0;
    }
}
