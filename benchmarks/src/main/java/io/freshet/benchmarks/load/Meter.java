package io.freshet.benchmarks.load;

import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * What one load thread counts and times. Owned by that thread; {@link #take} hands a copy and the histograms since the
 * last one to whoever adds them up.
 *
 * <p>Messages that arrive in one read and were due at one time have one latency: such a run is recorded once, with its
 * count.
 */
final class Meter {
    private static final long MAX_LATENCY_NS = 3_600_000_000_000L;
    private static final int DIGITS = 3;

    long published;
    long acknowledged;
    long delivered;
    long lost;
    long repeated;
    long misordered;
    long damaged;
    long stray;
    long refused;
    long gaps;
    long bytes;
    long reads;
    long users;
    long failedConnections;

    private Histogram deliveries = newHistogram();
    private Histogram receipts = newHistogram();
    private Histogram connects = newHistogram();

    private long runIntendedNs;
    private long runNowNs;
    private long runCount;

    private final AtomicLong toldArrivedCount = new AtomicLong();
    private final AtomicLong toldBytes = new AtomicLong();

    static Histogram newHistogram() {
        return new Histogram(MAX_LATENCY_NS, DIGITS);
    }

    void onDelivery(long intendedNs, long nowNs) {
        if (intendedNs != runIntendedNs || nowNs != runNowNs) {
            endRun();
            runIntendedNs = intendedNs;
            runNowNs = nowNs;
        }
        runCount++;
    }

    private void endRun() {
        if (runCount > 0) {
            record(deliveries, runNowNs - runIntendedNs, runCount);
            runCount = 0;
        }
    }

    void onReceipts(long intendedNs, long nowNs, long count) {
        record(receipts, nowNs - intendedNs, count);
    }

    void onConnected(long startNs, long nowNs) {
        record(connects, nowNs - startNs, 1);
    }

    private static void record(Histogram histogram, long latencyNs, long count) {
        histogram.recordValueWithCount(Math.max(0, Math.min(MAX_LATENCY_NS, latencyNs)), count);
    }

    /** Lets other threads know how far it is; at the end of each turn. */
    void tell() {
        toldArrivedCount.setOpaque(delivered + lost);
        toldBytes.setOpaque(bytes);
    }

    /** Messages that have arrived or were found lost, as last told. Any thread. */
    long toldArrivedCount() {
        return toldArrivedCount.getOpaque();
    }

    /** Bytes that have arrived, as last told. Any thread. */
    long toldBytes() {
        return toldBytes.getOpaque();
    }

    /** What was counted up to now, and the histograms of what was timed since the last call. */
    Tally take() {
        endRun();
        Tally tally = new Tally(
                new Counts(
                        published,
                        acknowledged,
                        delivered,
                        lost,
                        repeated,
                        misordered,
                        damaged,
                        stray,
                        refused,
                        gaps,
                        bytes,
                        reads,
                        users,
                        failedConnections),
                deliveries,
                receipts,
                connects);
        deliveries = newHistogram();
        receipts = newHistogram();
        connects = newHistogram();
        return tally;
    }

    /** Counters since the begin of the run; {@code users} are the connections that are open now. */
    record Counts(
            long published,
            long acknowledged,
            long delivered,
            long lost,
            long repeated,
            long misordered,
            long damaged,
            long stray,
            long refused,
            long gaps,
            long bytes,
            long reads,
            long users,
            long failedConnections) {
        Counts plus(Counts other) {
            return new Counts(
                    published + other.published,
                    acknowledged + other.acknowledged,
                    delivered + other.delivered,
                    lost + other.lost,
                    repeated + other.repeated,
                    misordered + other.misordered,
                    damaged + other.damaged,
                    stray + other.stray,
                    refused + other.refused,
                    gaps + other.gaps,
                    bytes + other.bytes,
                    reads + other.reads,
                    users + other.users,
                    failedConnections + other.failedConnections);
        }
    }

    /** Counters up to now, histograms of an interval in nanoseconds. Whoever takes it owns the histograms. */
    record Tally(Counts counts, Histogram deliveries, Histogram receipts, Histogram connects) {
        /** Both together; what was taken goes into this one's histograms. */
        Tally plus(Tally other) {
            deliveries.add(other.deliveries);
            receipts.add(other.receipts);
            connects.add(other.connects);
            return new Tally(counts.plus(other.counts), deliveries, receipts, connects);
        }
    }
}
