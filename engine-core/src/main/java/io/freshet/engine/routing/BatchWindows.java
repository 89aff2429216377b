package io.freshet.engine.routing;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long batches stay open when writing to sockets is what keeps reactors busy: coalescing under load. A write costs
 * microseconds however few bytes it carries, so a fan-out that wrote little to each of many sockets may be followed by the
 * next only after half as long as it took itself; what is published meanwhile shares its writes. A quiet engine never waits,
 * since by then the time is over; a busy one spends at most two thirds of its time on small writes, and a message waits at most
 * for the bound.
 *
 * <p>Each reactor states, after its flush, until when its window is open; the owner of a channel keeps the channel's batch
 * open while any reactor with subscribers has its window open. Written by each reactor's thread in its own place, read by all.
 */
public final class BatchWindows {
    /** Bytes per socket from which on a write is worth its fixed cost: then nothing waits. */
    static final int ENOUGH_LENGTH = 8 * 1024;

    /** A wait that is shorter costs as much as it saves. */
    static final long LEAST_NS = TimeUnit.MICROSECONDS.toNanos(20);

    /** Longs of two cache lines: reactors do not disturb each other. */
    private static final int STRIDE = 16;

    /**
     * How much shorter the wait is than the flush. With as long a wait, 500 messages a second to 100 subscribers, for which a
     * reactor writes half of the time, began to wait for each other: p50 1.6 times that of naive Netty.
     */
    private static final int WAIT_PART = 2;

    /** How far one flush moves what a write is known to cost. */
    private static final int COST_PART = 8;

    private final AtomicLongArray closesAtNs;

    /** What a write has cost each reactor of late, in nanoseconds; each in the hands of its reactor. */
    private final long[] costNs;

    private final long boundNs;
    private final long writeCostNs;

    /**
     * @param boundNs the longest time that a window is open; 0 turns coalescing off
     * @param writeCostNs what one write is taken to cost at least: where time does not pass by itself, in a simulation
     */
    public BatchWindows(int reactorCount, long boundNs, long writeCostNs) {
        this.boundNs = boundNs;
        this.writeCostNs = writeCostNs;
        closesAtNs = new AtomicLongArray(reactorCount * STRIDE);
        costNs = new long[reactorCount * STRIDE];
    }

    /** Closes a reactor's window, before its first cycle. */
    public void start(int reactor, long nowNs) {
        closesAtNs.setOpaque(reactor * STRIDE, nowNs);
    }

    /**
     * Says what a reactor's flush took; on its thread.
     *
     * @param connectionCount connections that records were written to
     * @param length bytes of those records
     */
    public void onFlush(int reactor, long startNs, long endNs, int connectionCount, long length) {
        long tookNs = Math.max(endNs - startNs, connectionCount * writeCostNs);
        long usualNs = connectionCount * learned(reactor, tookNs / connectionCount);
        long missing = ENOUGH_LENGTH - length / connectionCount;
        long openNs =
                missing <= 0 ? 0 : Math.min(boundNs, Math.min(tookNs, usualNs) / WAIT_PART * missing / ENOUGH_LENGTH);
        closesAtNs.setOpaque(reactor * STRIDE, openNs < LEAST_NS ? endNs : endNs + openNs);
    }

    /**
     * Takes one flush's cost of a write into account and returns the usual one. A flush in which the thread did not run for
     * a while counts as twice the usual at most: its delay must not be added once more.
     */
    private long learned(int reactor, long writeNs) {
        int at = reactor * STRIDE;
        long usual = costNs[at];
        long next = usual == 0 ? writeNs : usual + (Math.min(writeNs, 2 * usual) - usual) / COST_PART;
        costNs[at] = Math.max(1, next);
        return costNs[at];
    }

    /** How long the window of any of these reactors, one bit each, is still open; 0 when none is. */
    long leftNs(long reactors, long nowNs) {
        long leftNs = 0;
        for (long rest = reactors; rest != 0; rest &= rest - 1) {
            int reactor = Long.numberOfTrailingZeros(rest);
            leftNs = Math.max(leftNs, closesAtNs.getOpaque(reactor * STRIDE) - nowNs);
        }
        return leftNs;
    }
}
