package io.freshet.examples.demo;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What speakers and listeners count. They record on any thread; the intervals belong to the thread that prints. */
final class Measurements {
    private static final long MAX_LATENCY_NS = TimeUnit.MINUTES.toNanos(1);
    private static final int SIGNIFICANT_DIGITS = 3;

    private final LongAdder published = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final Recorder recorder = new Recorder(MAX_LATENCY_NS, SIGNIFICANT_DIGITS);
    private final Histogram whole = new Histogram(MAX_LATENCY_NS, SIGNIFICANT_DIGITS);
    private Histogram interval = recorder.getIntervalHistogram();

    void onAcknowledged() {
        published.increment();
    }

    void onDelivered() {
        delivered.increment();
    }

    /** From the time when a message was to be said until a listener had it. */
    void onLatency(long latencyNs) {
        recorder.recordValue(Math.max(0, Math.min(latencyNs, MAX_LATENCY_NS)));
    }

    long acknowledgedCount() {
        return published.sum();
    }

    long deliveredCount() {
        return delivered.sum();
    }

    /** Latencies in nanoseconds since the last call; valid until the next. */
    Histogram interval() {
        interval = recorder.getIntervalHistogram(interval);
        whole.add(interval);
        return interval;
    }

    /** Latencies in nanoseconds of all intervals so far. */
    Histogram whole() {
        return whole;
    }
}
