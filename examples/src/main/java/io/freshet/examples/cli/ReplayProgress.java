package io.freshet.examples.cli;

import io.freshet.examples.replay.ReplayCounters;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/** Prints how far a replay is, once a second. Owned by the command's thread. */
final class ReplayProgress {
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    private final ReplayCounters counters;
    private final long lineCount;
    private final int channelCount;
    private final PrintWriter err;
    private final long startNs = System.nanoTime();
    private long lastNs = startNs;
    private long lastCount;

    ReplayProgress(ReplayCounters counters, long lineCount, int channelCount, PrintWriter err) {
        this.counters = counters;
        this.lineCount = lineCount;
        this.channelCount = channelCount;
        this.err = err;
    }

    /** Nanoseconds until {@link #print} is due; at least 1. */
    long untilNextNs() {
        return Math.max(1, lastNs + INTERVAL_NS - System.nanoTime());
    }

    void print() {
        long nowNs = System.nanoTime();
        long count = counters.acknowledgedCount();
        err.printf(
                "freshet: %d of %d lines, %d channels, %d connections, %.0f lines/s%n",
                count, lineCount, channelCount, counters.openCount(), rate(count - lastCount, nowNs - lastNs));
        lastNs = nowNs;
        lastCount = count;
    }

    void printSummary() {
        long elapsedNs = System.nanoTime() - startNs;
        long count = counters.acknowledgedCount();
        err.printf(
                "freshet: %d of %d lines acknowledged in %d channels, said by %d connections in %.1f s, %.0f lines/s%n",
                count, lineCount, channelCount, counters.speakerCount(), elapsedNs / 1e9, rate(count, elapsedNs));
    }

    private static double rate(long count, long elapsedNs) {
        return elapsedNs <= 0 ? 0 : count * 1e9 / elapsedNs;
    }
}
