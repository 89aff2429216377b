package io.freshet.benchmarks.report;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The latency distributions of a result as points of a percentile plot. One axis, 1/(1 − p), serves all of them: 10 is
 * the 90th percentile, 100 the 99th, and so on, in equal steps of its logarithm.
 *
 * @param inverse the points' places on the axis
 * @param series the curves, each with a value in microseconds for every place, {@code null} beyond its last sample
 */
record LatencyPlot(List<Double> inverse, List<Series> series) {
    private static final int POINTS_PER_DECADE = 16;
    private static final double NS_PER_US = 1_000;

    /** The axis ends at 99.9999: what lies beyond is told by the greatest value. */
    private static final long MAX_INVERSE = 1_000_000;

    /** One curve. */
    record Series(String name, List<@Nullable Double> valuesUs) {}

    /** Leaves out what was never timed or whose histogram cannot be read. */
    static LatencyPlot of(Map<String, LatencySummary> latencies) {
        List<String> names = new ArrayList<>();
        List<Histogram> histograms = new ArrayList<>();
        latencies.forEach((name, summary) -> {
            Histogram histogram = decode(summary.histogram());
            if (histogram != null && histogram.getTotalCount() > 0) {
                names.add(name);
                histograms.add(histogram);
            }
        });
        long maxCount =
                histograms.stream().mapToLong(Histogram::getTotalCount).max().orElse(1);
        List<Double> inverse = new ArrayList<>();
        int pointCount = (int) Math.ceil(Math.log10((double) Math.min(maxCount, MAX_INVERSE)) * POINTS_PER_DECADE);
        for (int i = 0; i <= pointCount; i++) {
            inverse.add(Math.pow(10, (double) i / POINTS_PER_DECADE));
        }
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            series.add(new Series(names.get(i), values(histograms.get(i), inverse)));
        }
        return new LatencyPlot(inverse, series);
    }

    private static List<@Nullable Double> values(Histogram histogram, List<Double> inverse) {
        List<@Nullable Double> values = new ArrayList<>();
        double last = (double) histogram.getTotalCount() * Math.pow(10, 1.0 / POINTS_PER_DECADE);
        for (double at : inverse) {
            double percentile = 100 * (1 - 1 / at);
            values.add(at > last ? null : histogram.getValueAtPercentile(percentile) / NS_PER_US);
        }
        return values;
    }

    private static @Nullable Histogram decode(String base64) {
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(base64)), 0);
        } catch (DataFormatException | RuntimeException e) {
            return null; // hand-made, cut short or of another version; the summary's numbers are shown all the same
        }
    }
}
