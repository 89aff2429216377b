package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.report.Environment;
import io.freshet.benchmarks.report.LatencySummary;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.LoadUse;
import io.freshet.benchmarks.report.Sample;
import io.freshet.benchmarks.report.ServerUse;
import io.freshet.benchmarks.report.Target;
import io.freshet.benchmarks.report.Totals;
import java.util.List;
import java.util.Map;

/** Results with given numbers, as if they had been measured. */
final class Measured {
    private Measured() {}

    static LoadResult of(String target, Map<String, String> settings, double cpuNsPerDelivery, double p99Us) {
        return of(target, settings, cpuNsPerDelivery, p99Us, true);
    }

    /** Ten seconds of 1,000 publishes and 100,000 deliveries each, in which so many bytes were allocated; -1 when it is not known. */
    static LoadResult allocating(String target, long bytes) {
        return of(
                target,
                Map.of(),
                new ServerUse(3, 30, 3_000, 0, 1_000, 4_096_000, 4_096, 1_000, 100, bytes, 3, 0, 0),
                0,
                1,
                true);
    }

    /** Messages sent at a rate, of which so many were delivered with each write; 0 when nobody tells. */
    static LoadResult paced(String target, double targetPerS, double deliveriesPerWrite) {
        return of(
                target,
                Map.of("window", "256"),
                new ServerUse(3, 0.5, 3_000, 0, 1_000, 4_096_000, 4_096, 0, deliveriesPerWrite, -1, 0, 0, 0),
                targetPerS,
                1,
                true);
    }

    static LoadResult of(
            String target, Map<String, String> settings, double cpuNsPerDelivery, double p99Us, boolean isPassed) {
        return of(
                target,
                settings,
                new ServerUse(3, cpuNsPerDelivery, 3_000, 0, 1_000, 4_096_000, 4_096, 1_000, 100, 0, 0, 0, 0),
                0,
                p99Us,
                isPassed);
    }

    private static LoadResult of(
            String target,
            Map<String, String> settings,
            ServerUse use,
            double targetPerS,
            double p99Us,
            boolean isPassed) {
        return new LoadResult(
                LoadResult.FORMAT,
                "2026-01-02T03:04:05Z",
                new Environment("a processor", 2, "Linux 6", "17.0.1", List.of(), "abc1234"),
                new Target(target, "raw", "127.0.0.1:1", 42, List.of(), "17.0.1"),
                settings,
                new Totals(
                        10,
                        10_000,
                        0,
                        1_000_000,
                        1_000_000,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        1_000,
                        100_000,
                        targetPerS,
                        18_400_000),
                Map.of(LoadResult.DELIVERY, new LatencySummary(1_000, 10, 10, 20, p99Us, 40, 50, "")),
                use,
                new LoadUse(1, 1, 1, false),
                List.of(new Sample(1, 1, 1, 1, 1, 1, 1, 1, 1, 1)),
                List.of(isPassed ? "Nothing was lost." : "3 deliveries were lost."),
                isPassed);
    }
}
