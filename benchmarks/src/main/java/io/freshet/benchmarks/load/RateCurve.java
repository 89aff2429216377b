package io.freshet.benchmarks.load;

/**
 * How many messages a second are due at each moment of an open loop: a constant rate, or a show's, which is quiet, rises
 * to its peak within a moment, holds it and falls again.
 *
 * <pre>
 *   peak × rate            ________
 *                         /        \
 *   rate       __________/          \
 *              begin    ramp  hold  decay
 * </pre>
 *
 * @param perS the quiet rate
 * @param peak the factor at the peak, 1: no peak
 * @param rampNs how long it rises, from the begin of the measured part on
 * @param decayNs how long it falls, up to the end of the measured part
 * @param durationNs the measured part
 */
record RateCurve(double perS, double peak, long rampNs, long decayNs, long durationNs) {
    /** Messages a second, {@code sinceNs} after the measured part began; negative before it. */
    double at(long sinceNs) {
        return perS * (1 + (peak - 1) * height(sinceNs));
    }

    /** From 0, quiet, to 1, the peak. */
    double height(long sinceNs) {
        if (sinceNs <= 0 || sinceNs >= durationNs) {
            return 0;
        }
        double up = sinceNs >= rampNs ? 1 : (double) sinceNs / rampNs;
        long leftNs = durationNs - sinceNs;
        double down = leftNs >= decayNs ? 1 : (double) leftNs / decayNs;
        return Math.min(up, down);
    }

    /** Messages a second over the whole measured part. */
    double mean() {
        double slopes = (rampNs + decayNs) / 2.0;
        return perS * (1 + (peak - 1) * (1 - slopes / durationNs));
    }
}
