package io.freshet.examples.top;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Reads quantiles off the buckets of a histogram, linear within a bucket. */
final class Quantile {
    private Quantile() {}

    /** Of what was added between two moments; not a number when nothing was. */
    static double of(double quantile, NavigableMap<Double, Double> before, NavigableMap<Double, Double> now) {
        TreeMap<Double, Double> added = new TreeMap<>();
        now.forEach((limit, count) -> added.put(limit, count - before.getOrDefault(limit, 0.0)));
        double total = added.isEmpty() ? 0 : added.lastEntry().getValue();
        if (total <= 0) {
            return Double.NaN;
        }
        double rank = quantile * total;
        double lowerLimit = 0;
        double lowerCount = 0;
        for (Map.Entry<Double, Double> bucket : added.entrySet()) {
            double count = bucket.getValue();
            if (count >= rank) {
                double limit = bucket.getKey();
                if (Double.isInfinite(limit)) {
                    return lowerLimit;
                }
                double share = count == lowerCount ? 1 : (rank - lowerCount) / (count - lowerCount);
                return lowerLimit + share * (limit - lowerLimit);
            }
            lowerLimit = bucket.getKey();
            lowerCount = count;
        }
        return lowerLimit;
    }
}
