package io.freshet.engine.limit;

import io.freshet.engine.Rate;
import org.jspecify.annotations.Nullable;

/** A rate that one thread asks. Owned by that thread. */
public final class TokenBucket {
    private final Refill refill;
    private long fullNs;

    private TokenBucket(Rate rate, long nowNs) {
        refill = new Refill(rate);
        fullNs = nowNs;
    }

    /** A full bucket; null when the rate has no limit. */
    public static @Nullable TokenBucket of(Rate rate, long nowNs) {
        return rate.isUnlimited() ? null : new TokenBucket(rate, nowNs);
    }

    /** Takes one token; returns 0, or for how many nanoseconds to wait when there is none. */
    public long take(long nowNs) {
        long afterNs = refill.after(fullNs, nowNs, refill.oneNs());
        if (refill.covers(afterNs, nowNs)) {
            fullNs = afterNs;
            return 0;
        }
        return refill.waitNs(fullNs, nowNs);
    }
}
