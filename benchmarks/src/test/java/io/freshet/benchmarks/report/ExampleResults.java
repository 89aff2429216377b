package io.freshet.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Results made by hand, for tests of what reads them. */
final class ExampleResults {
    private ExampleResults() {}

    static LoadResult full() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("scenario", "hot");
        settings.put("subscribers", "100");
        settings.put("duration", "10s");
        List<Sample> timeline = new ArrayList<>();
        for (int i = 1; i <= 13; i++) {
            timeline.add(new Sample(i, 101, 1_000.5 * i, 100_050.0 * i, 80, 300, 900 + i, 95, 80, 200_000_000));
        }
        return new LoadResult(
                LoadResult.FORMAT,
                "2026-01-02T03:04:05Z",
                new Environment("a processor", 2, "Linux 6", "17.0.1", List.of("-Xmx1g"), "abc1234"),
                new Target(
                        "freshet", "freshet", "127.0.0.1:7400", 42, List.of("java", "-jar", "freshet.jar"), "17.0.1"),
                settings,
                new Totals(10, 10_000, 0, 1_000_000, 1_000_000, 0, 0, 0, 0, 0, 0, 0, 1_000, 100_000, 0, 18_400_000),
                Map.of(LoadResult.DELIVERY, new LatencySummary(1_000_000, 90, 80, 120, 300, 500, 913, "")),
                new ServerUse(3, 30, 3_000, 0, 200_000_000, 5_000_000, 4_096, 1_000, 100, 0, 0, 0, 0),
                new LoadUse(2.5, 25, 150_000_000, false),
                timeline,
                List.of("Nothing was lost."),
                true);
    }

    static LoadResult withoutServer() {
        LoadResult full = full();
        return new LoadResult(
                full.format(),
                full.startedAt(),
                full.environment(),
                full.target(),
                full.settings(),
                full.totals(),
                full.latencies(),
                null,
                full.load(),
                full.timeline(),
                full.findings(),
                full.passed());
    }
}
