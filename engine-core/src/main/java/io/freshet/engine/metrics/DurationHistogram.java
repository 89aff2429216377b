package io.freshet.engine.metrics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * How long something takes that one thread does again and again. Recorded by that thread, which never waits; read by any,
 * one at a time.
 */
public final class DurationHistogram {
    private static final long SHORTEST_NS = 500;
    private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(60);
    private static final int SIGNIFICANT_DIGITS = 2;
    private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(60);

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(SHORTEST_NS, LONGEST_NS, SIGNIFICANT_DIGITS);
    private final AtomicLong totalNs = new AtomicLong();
    private final NanoClock clock;
    private @Nullable Histogram interval;
    private @Nullable Histogram sum;
    private long windowStartNs;
    private long longestNs;
    private long longestBeforeNs;

    /** @param clock read by those who read the histogram, to let its longest duration be forgotten */
    public DurationHistogram(NanoClock clock) {
        this.clock = clock;
        windowStartNs = clock.nanoTime();
    }

    /** Owner's thread. */
    public void record(long durationNs) {
        totalNs.setOpaque(totalNs.getPlain() + durationNs);
        recorder.recordValue(Math.min(durationNs, LONGEST_NS));
    }

    /** What was recorded since the start. Any thread but the owner's. */
    public synchronized Durations read() {
        long nowNs = clock.nanoTime();
        if (nowNs - windowStartNs >= WINDOW_NS) {
            longestBeforeNs = nowNs - windowStartNs >= 2 * WINDOW_NS ? 0 : longestNs;
            longestNs = 0;
            windowStartNs = nowNs;
        }
        Histogram latest = recorder.getIntervalHistogram(interval);
        interval = latest;
        Histogram all = sum == null ? new Histogram(latest) : sum;
        sum = all;
        all.add(latest);
        longestNs = Math.max(longestNs, latest.getTotalCount() == 0 ? 0 : latest.getMaxValue());
        return new Durations(all.copy(), totalNs.getOpaque(), Math.max(longestNs, longestBeforeNs));
    }
}
