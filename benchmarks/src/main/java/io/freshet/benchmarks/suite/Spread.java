package io.freshet.benchmarks.suite;

import java.util.Arrays;
import java.util.List;

/** The middle and the ends of one number over the rounds; all 0 without a round. */
record Spread(double median, double min, double max) {
    static Spread of(List<Double> values) {
        if (values.isEmpty()) {
            return new Spread(0, 0, 0);
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], Arrays.stream(sorted).max().orElse(median));
    }

    /** How far the ends lie from the middle at most, as a part of it; 0 when the middle is 0. */
    double relative() {
        return median == 0 ? 0 : Math.max(max - median, median - min) / Math.abs(median);
    }
}
