package io.freshet.examples.cli;

import io.freshet.benchmarks.report.LatencySummary;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.Sample;
import io.freshet.benchmarks.report.ServerUse;
import io.freshet.benchmarks.report.Totals;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code freshet load} tells people: a line each second, and a few at the end. */
final class LoadLines {
    private static final double MIB = 1024.0 * 1024;

    private LoadLines() {}

    static String progress(Sample sample) {
        return String.format(
                Locale.ROOT,
                "%5.0f s  %,6d users  %,10.0f published/s  %,12.0f delivered/s  p50 %s  p99 %s  server %3.0f %% %,5.0f MiB"
                        + "  load %3.0f %%",
                sample.atS(),
                sample.users(),
                sample.publishedPerS(),
                sample.deliveredPerS(),
                time(sample.p50Us()),
                time(sample.p99Us()),
                sample.serverCpuPercent(),
                sample.serverResidentBytes() / MIB,
                sample.loadCpuPercent());
    }

    static List<String> summary(LoadResult result) {
        List<String> lines = new ArrayList<>();
        Totals totals = result.totals();
        lines.add(String.format(
                Locale.ROOT,
                "%s %s: %,d published (%,.0f/s), %,d delivered of %,d (%,.0f/s), %,d acknowledged in %.1f s",
                result.target().name(),
                result.settings().get("scenario"),
                totals.published(),
                totals.publishedPerS(),
                totals.delivered(),
                totals.expectedDeliveries(),
                totals.deliveredPerS(),
                totals.acknowledged(),
                totals.durationS()));
        result.latencies().forEach((name, latency) -> lines.add(latency(name, latency)));
        ServerUse server = result.server();
        if (server != null) {
            lines.add(String.format(
                    Locale.ROOT,
                    "server: %.2f s CPU, %.1f ns a delivery, %.0f ns a publish, %.1f us a client; %.0f MiB resident",
                    server.cpuS(),
                    server.cpuNsPerDelivery(),
                    server.cpuNsPerPublish(),
                    server.cpuNsPerClient() / 1000,
                    server.residentBytes() / MIB));
        }
        lines.add(String.format(
                Locale.ROOT,
                "load: %.2f s CPU, %.1f ns a delivery or receipt",
                result.load().cpuS(),
                result.load().cpuNsPerDelivery()));
        lines.addAll(result.findings());
        return lines;
    }

    private static String latency(String name, LatencySummary latency) {
        return String.format(
                Locale.ROOT,
                "%s: p50 %s, p90 %s, p99 %s, p99.9 %s, max %s of %,d",
                name,
                time(latency.p50Us()),
                time(latency.p90Us()),
                time(latency.p99Us()),
                time(latency.p999Us()),
                time(latency.maxUs()),
                latency.count());
    }

    private static String time(double us) {
        return us < 10_000
                ? String.format(Locale.ROOT, "%,.0f us", us)
                : String.format(Locale.ROOT, "%,.1f ms", us / 1000);
    }
}
