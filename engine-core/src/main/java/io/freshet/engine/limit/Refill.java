package io.freshet.engine.limit;

import io.freshet.engine.Rate;
import java.util.concurrent.TimeUnit;

/**
 * The arithmetic of a token bucket whose whole state is one number: when it will be full again (GCRA, the generic cell rate
 * algorithm of ITU-T I.371, which calls that the theoretical arrival time). Immutable.
 *
 * <p>Times are monotonic nanoseconds and compared by their differences.
 */
final class Refill {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final long perSecond;
    private final long roomNs;
    private final long oneNs;

    /** @param rate with a limit */
    Refill(Rate rate) {
        perSecond = rate.perSecond();
        oneNs = costNs(1);
        roomNs = Math.max(oneNs, costNs(rate.burst()));
    }

    /** How long it takes to fill in so many tokens. */
    long costNs(long tokens) {
        long seconds = tokens / perSecond;
        return seconds * SECOND_NS + (tokens - seconds * perSecond) * SECOND_NS / perSecond;
    }

    /** How long it takes to fill in one token. */
    long oneNs() {
        return oneNs;
    }

    /** When the bucket is full again once so much is taken out now. */
    long after(long fullNs, long nowNs, long costNs) {
        return (fullNs - nowNs > 0 ? fullNs : nowNs) + costNs;
    }

    /** Whether the bucket has had all that has to be taken out for it to be full again only then. */
    boolean covers(long afterNs, long nowNs) {
        return afterNs - nowNs <= roomNs;
    }

    /**
     * How long who was refused does best to wait: until it is worth to come again, which is once half of the bucket is full, but no
     * longer than a second unless there is nothing at all before.
     */
    long waitNs(long fullNs, long nowNs) {
        long oneAfterNs = fullNs - nowNs + oneNs - roomNs;
        long halfAfterNs = fullNs - nowNs - roomNs / 2;
        return Math.max(1, Math.max(oneAfterNs, Math.min(halfAfterNs, SECOND_NS)));
    }
}
