package io.freshet.examples.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Puts measurements into lines for people. Belongs to one thread. */
final class StatusLine {
    private static final Path PROCESS_STATUS = Path.of("/proc/self/status");

    private final Measurements measurements;
    private long startNs;
    private long lastNs;
    private long lastAcknowledged;
    private long lastDelivered;

    StatusLine(Measurements measurements) {
        this.measurements = measurements;
    }

    /** What is measured begins now. */
    void begin(long nowNs) {
        startNs = nowNs;
        lastNs = nowNs;
    }

    /** What happened since the last call. */
    String interval(int connectionCount, long nowNs) {
        long acknowledged = measurements.acknowledgedCount();
        long delivered = measurements.deliveredCount();
        String line = String.format(
                Locale.ROOT,
                "%4d s  %,8d msg/s in  %,10d deliveries/s  %s  %d connections  %s",
                Math.round((nowNs - startNs) / 1e9),
                perSecond(acknowledged - lastAcknowledged, nowNs - lastNs),
                perSecond(delivered - lastDelivered, nowNs - lastNs),
                percentiles(measurements.interval()),
                connectionCount,
                memory());
        lastNs = nowNs;
        lastAcknowledged = acknowledged;
        lastDelivered = delivered;
        return line;
    }

    /** What happened altogether. */
    String whole(long nowNs) {
        measurements.interval();
        long elapsedNs = nowNs - startNs;
        return String.format(
                Locale.ROOT,
                "%,d messages acknowledged, %,d deliveries in %.1f s (%,d/s)  %s",
                measurements.acknowledgedCount(),
                measurements.deliveredCount(),
                elapsedNs / 1e9,
                perSecond(measurements.deliveredCount(), elapsedNs),
                percentiles(measurements.whole()));
    }

    private static long perSecond(long count, long elapsedNs) {
        return elapsedNs <= 0 ? 0 : Math.round(count * 1e9 / elapsedNs);
    }

    private static String percentiles(Histogram latencyNs) {
        return String.format(
                Locale.ROOT,
                "p50 %.2f ms  p99 %.2f ms  max %.2f ms",
                latencyNs.getValueAtPercentile(50) / 1e6,
                latencyNs.getValueAtPercentile(99) / 1e6,
                latencyNs.getMaxValue() / 1e6);
    }

    /** Resident memory of the whole process (server and clients), where the system tells it; else the heap. */
    private static String memory() {
        try {
            for (String line : Files.readAllLines(PROCESS_STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    long kib = Long.parseLong(line.replaceAll("\\D", ""));
                    return "RSS " + kib / 1024 + " MB";
                }
            }
        } catch (IOException e) {
            // Not Linux.
        }
        Runtime vm = Runtime.getRuntime();
        return "heap " + (vm.totalMemory() - vm.freeMemory()) / (1 << 20) + " MB";
    }
}
