package io.freshet.engine.metrics;

import org.HdrHistogram.Histogram;

/** How long something took, each time since the start, to one part in a hundred. Immutable. */
public final class Durations {
    private final Histogram histogram;
    private final long totalNs;
    private final long longestNs;

    /** <em>Transfers</em> the histogram. */
    Durations(Histogram histogram, long totalNs, long longestNs) {
        this.histogram = histogram;
        this.totalNs = totalNs;
        this.longestNs = longestNs;
    }

    /** How often. */
    public long count() {
        return histogram.getTotalCount();
    }

    /** What all took together. */
    public long totalNs() {
        return totalNs;
    }

    /** The longest of the last one or two minutes. */
    public long longestNs() {
        return longestNs;
    }

    /** What so many percent (0 to 100) did not exceed. */
    public long percentileNs(double percentile) {
        return histogram.getValueAtPercentile(percentile);
    }

    /** How many took this long or less. */
    public long countUpTo(long limitNs) {
        return histogram.getTotalCount() == 0 ? 0 : histogram.getCountBetweenValues(0, limitNs);
    }
}
