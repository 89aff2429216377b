package io.freshet.client;

import java.util.random.RandomGenerator;

/**
 * How long to wait before trying again: exponential with full jitter, that is, anything from zero to a bound that doubles
 * ("Exponential Backoff and Jitter", Brooker, 2015: of the variants it spreads a crowd best). Client's thread.
 */
final class BackOff {
    private final long minNs;
    private final long maxNs;
    private final RandomGenerator random;
    private long boundNs;

    BackOff(long minNs, long maxNs, RandomGenerator random) {
        this.minNs = minNs;
        this.maxNs = maxNs;
        this.random = random;
        this.boundNs = minNs;
    }

    /** The longest that {@link #nextNs} may return now. */
    long boundNs() {
        return boundNs;
    }

    /** The next wait; the bound of the one after it is twice as high. */
    long nextNs() {
        long waitNs = random.nextLong(boundNs + 1);
        boundNs = boundNs > maxNs / 2 ? maxNs : boundNs * 2;
        return waitNs;
    }

    /** Begins again with the least bound. */
    void reset() {
        boundNs = minNs;
    }
}
