package io.freshet.benchmarks.load;

import io.freshet.benchmarks.report.LatencySummary;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.HdrHistogram.Histogram;

/** Histograms of nanoseconds as what is reported of them. */
final class Latencies {
    private static final double US = 1000;

    private Latencies() {}

    static LatencySummary summary(Histogram values) {
        return new LatencySummary(
                values.getTotalCount(),
                values.getMean() / US,
                values.getValueAtPercentile(50) / US,
                values.getValueAtPercentile(90) / US,
                values.getValueAtPercentile(99) / US,
                values.getValueAtPercentile(99.9) / US,
                values.getMaxValue() / US,
                encoded(values));
    }

    private static String encoded(Histogram values) {
        ByteBuffer out = ByteBuffer.allocate(values.getNeededByteBufferCapacity());
        int length = values.encodeIntoCompressedByteBuffer(out);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(out.array(), length));
    }
}
