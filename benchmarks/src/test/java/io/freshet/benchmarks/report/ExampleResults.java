package io.freshet.benchmarks.report;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Results made by hand, for tests of what reads them. */
final class ExampleResults {
    private static final Environment HERE =
            new Environment("a processor", 2, "Linux 6", "17.0.1", List.of("-Xmx1g"), "abc1234");
    private static final Target FRESHET = new Target(
            "freshet",
            "freshet",
            "127.0.0.1:7400",
            42,
            List.of("/opt/jdk/bin/java", "-jar", "/opt/freshet.jar"),
            "17.0.1");
    private static final ServerUse USE =
            new ServerUse(3, 30, 3_000, 0, 200_000_000, 5_000_000, 4_096, 1_000, 100, 0, 0, 0, 0);
    private static final LoadUse LOAD = new LoadUse(2.5, 25, 150_000_000, false);

    private ExampleResults() {}

    static LoadResult full() {
        return of(HERE, FRESHET, settings("100"), totals(1, 0, 0), latency(LoadResult.DELIVERY, 1), USE, LOAD, true);
    }

    static LoadResult twiceAsFast() {
        return of(HERE, FRESHET, settings("100"), totals(2, 0, 0), latency(LoadResult.DELIVERY, 0.5), USE, LOAD, true);
    }

    static LoadResult withoutServer() {
        return of(HERE, FRESHET, settings("100"), totals(1, 0, 0), latency(LoadResult.DELIVERY, 1), null, LOAD, true);
    }

    /** Another machine, another server, other settings; and it went wrong. */
    static LoadResult elsewhere() {
        Map<String, String> settings = settings("10");
        settings.put("window", "256");
        return of(
                new Environment("another processor", 8, "Linux 6", "25.0.3", List.of("-Xmx1g"), "abc1234"),
                new Target("naive", "raw", "127.0.0.1:7500", 43, List.of(), "17.0.1"),
                settings,
                totals(1, 0, 3),
                latency(LoadResult.DELIVERY, 1),
                USE,
                new LoadUse(10, 100, 150_000_000, true),
                false);
    }

    static LoadResult tooSlow() {
        return of(
                HERE, FRESHET, settings("100"), totals(1, 2_000, 0), latency(LoadResult.DELIVERY, 1), USE, LOAD, true);
    }

    /** A result in which this text stands wherever a text can. */
    static LoadResult named(String text) {
        LoadResult full = of(
                new Environment(text, 2, text, text, List.of(text), text),
                new Target(text, text, text, 42, List.of(text), text),
                new LinkedHashMap<>(Map.of("scenario", text, text, text)),
                totals(1, 0, 0),
                latency(text, 1),
                USE,
                LOAD,
                true);
        return new LoadResult(
                full.format(),
                text,
                full.environment(),
                full.target(),
                full.settings(),
                full.totals(),
                full.latencies(),
                full.server(),
                full.load(),
                full.timeline(),
                List.of(text),
                full.passed());
    }

    /** A result whose latencies are this many microseconds, from the first to the last, once each. */
    static LoadResult timed(String key, long firstUs, long lastUs) {
        Histogram histogram = new Histogram(3);
        for (long us = firstUs; us <= lastUs; us++) {
            histogram.recordValue(us * 1_000);
        }
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes);
        String encoded = Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
        Map<String, LatencySummary> latencies =
                Map.of(key, new LatencySummary(lastUs - firstUs + 1, 500, 500, 900, 990, 999, 1_000, encoded));
        return of(HERE, FRESHET, settings("100"), totals(1, 0, 0), latencies, USE, LOAD, true);
    }

    private static LoadResult of(
            Environment environment,
            Target target,
            Map<String, String> settings,
            Totals totals,
            Map<String, LatencySummary> latencies,
            @Nullable ServerUse use,
            LoadUse load,
            boolean isPassed) {
        List<Sample> timeline = new ArrayList<>();
        for (int i = 1; i <= 13; i++) {
            timeline.add(new Sample(i, 101, 1_000.5 * i, 100_050.0 * i, 80, 300, 900 + i, 95, 80, 200_000_000));
        }
        return new LoadResult(
                LoadResult.FORMAT,
                "2026-01-02T03:04:05Z",
                environment,
                target,
                settings,
                totals,
                latencies,
                use,
                load,
                timeline,
                List.of(isPassed ? "Nothing was lost." : "3 deliveries were lost."),
                isPassed);
    }

    private static Map<String, String> settings(String subscribers) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("scenario", "hot");
        settings.put("subscribers", subscribers);
        settings.put("duration", "10s");
        return settings;
    }

    private static Totals totals(double speed, double targetPerS, long lost) {
        long published = (long) (10_000 * speed);
        long delivered = published * 100;
        return new Totals(
                10,
                published,
                0,
                delivered - lost,
                delivered,
                lost,
                0,
                0,
                0,
                0,
                0,
                0,
                published / 10.0,
                delivered / 10.0,
                targetPerS,
                delivered / 10.0 * 184);
    }

    private static Map<String, LatencySummary> latency(String key, double slowness) {
        return Map.of(
                key,
                new LatencySummary(
                        1_000_000,
                        90 * slowness,
                        80 * slowness,
                        120 * slowness,
                        300 * slowness,
                        500 * slowness,
                        913 * slowness,
                        ""));
    }
}
