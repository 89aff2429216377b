package io.freshet.benchmarks.load;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One publisher's way into one channel: counters, nonces and what is not acknowledged yet. Owned by the leader's thread.
 *
 * <p>The payload's counter and the nonce rise together, so that a refused message is sent again as what it was. After a
 * refusal nothing is sent until all behind it is answered, as the protocol wants it.
 */
final class Outlet {
    private static final long MAX_NONCE_COUNTER = 0xFFFF_FFFFL;

    private final LoadChannel channel;
    private final int publisher;
    private final int slot;
    private final int run;
    private final boolean hasReceipts;
    private @Nullable FrameTemplate template;
    private long nonceBase;
    private int maxInFlight;
    private long[] intendedNs = new long[1];
    private int mask;
    /** Of the next message; written by the leader, read by every load thread. */
    private final AtomicLong nextCounter = new AtomicLong();

    private long highest;
    private long acknowledged;
    private long refusedFrom = Long.MAX_VALUE;
    private long refusedCount;
    private long pausedUntilNs;
    private long headAtOpen;
    private long limit = MAX_NONCE_COUNTER;
    private @Nullable Window window;

    /** Takes the next slot of the channel. */
    Outlet(LoadChannel channel, int publisher, int run, boolean hasReceipts) {
        this.channel = channel;
        this.publisher = publisher;
        this.run = run;
        this.hasReceipts = hasReceipts;
        slot = channel.outlets().size();
        channel.outlets().add(this);
    }

    LoadChannel channel() {
        return channel;
    }

    /** From now on receipts make room in this window. */
    void releaseTo(Window room) {
        window = room;
    }

    boolean hasReceipts() {
        return hasReceipts;
    }

    /**
     * The channel is open.
     *
     * @param instance that of the session
     * @param inFlight publishes without an answer at most
     * @param head messages that the channel holds already
     */
    void open(FrameTemplate frames, long instance, int inFlight, long head) {
        template = frames;
        headAtOpen = head;
        nonceBase = hasReceipts ? instance << 32 : 0;
        maxInFlight = inFlight;
        if (hasReceipts) {
            int capacity = Integer.highestOneBit(Math.max(1, inFlight)) * 2;
            intendedNs = new long[capacity];
            mask = capacity - 1;
        }
    }

    /** Publishes this many messages and no more. */
    void limit(long count) {
        limit = count;
    }

    long limit() {
        return limit;
    }

    /** Messages that the channel held when it was opened. */
    long headAtOpen() {
        return headAtOpen;
    }

    /** Another run has published all of them. */
    void skipToLimit() {
        nextCounter.setRelease(limit);
        highest = limit;
        acknowledged = limit;
    }

    int frameLength() {
        return template == null ? 0 : template.writtenLength();
    }

    /** Messages handed to the server, each counted once. Any thread. */
    long publishedCount() {
        return nextCounter.getAcquire();
    }

    private long next() {
        return nextCounter.getPlain();
    }

    /** Messages without an answer. */
    long inFlightCount() {
        return hasReceipts ? next() - acknowledged : 0;
    }

    boolean hasRoom(long nowNs) {
        if (template == null) {
            return false;
        }
        return next() < limit
                && (!hasReceipts
                        || (next() - acknowledged < maxInFlight
                                && refusedCount == 0
                                && (pausedUntilNs == 0 || nowNs - pausedUntilNs >= 0)));
    }

    /** Whether the next message was sent before and refused; its time stays what it was. */
    boolean isRepeating() {
        return next() < highest;
    }

    /** Writes the next message at this address; returns the address behind it. There is room. */
    long write(long address, long dueNs) {
        FrameTemplate frame = template;
        if (frame == null) {
            throw new IllegalStateException("channel " + channel.name() + " is not open");
        }
        long counter = next();
        nextCounter.setRelease(counter + 1);
        long sinceNs = dueNs;
        long nonce = 0;
        if (hasReceipts) {
            int at = (int) counter & mask;
            if (counter < highest) {
                sinceNs = intendedNs[at];
            } else {
                intendedNs[at] = dueNs;
            }
            nonce = nonceBase | counter + 1;
        }
        highest = Math.max(highest, counter + 1);
        long payload = frame.putHead(address, nonce);
        Payload.write(payload, frame.payloadLength(), run, slot, publisher, counter, sinceNs);
        return payload + frame.payloadLength();
    }

    /**
     * The next {@code count} messages are acknowledged.
     *
     * @return whether these were the next ones
     */
    boolean onReceipts(long firstCounter, long count, long nowNs, Meter meter) {
        if (firstCounter != acknowledged || count <= 0 || acknowledged + count > next()) {
            return false;
        }
        long runNs = intendedNs[(int) acknowledged & mask];
        long runCount = 0;
        for (long counter = acknowledged; counter < acknowledged + count; counter++) {
            long sinceNs = intendedNs[(int) counter & mask];
            if (sinceNs != runNs) {
                meter.onReceipts(runNs, nowNs, runCount);
                runNs = sinceNs;
                runCount = 0;
            }
            runCount++;
        }
        meter.onReceipts(runNs, nowNs, runCount);
        acknowledged += count;
        meter.acknowledged += count;
        if (window != null) {
            window.release(count);
        }
        return true;
    }

    /** The same, by how many are acknowledged in all. */
    boolean onReceiptsUpTo(long total, long nowNs, Meter meter) {
        return total == acknowledged || onReceipts(acknowledged, total - acknowledged, nowNs, meter);
    }

    /** These messages were refused; those with receipts go again once everything behind them is answered and the pause is over. */
    void onRefused(long firstCounter, long count, long untilNs, Meter meter) {
        meter.refused += count;
        if (!hasReceipts) {
            return;
        }
        refusedFrom = Math.min(refusedFrom, firstCounter);
        refusedCount += count;
        pausedUntilNs = untilNs;
    }

    /** Begins again behind a refusal when nothing else is open. Returns how many messages are taken back. */
    long takeBack() {
        if (refusedCount == 0 || acknowledged + refusedCount < next()) {
            return 0;
        }
        long count = next() - refusedFrom;
        nextCounter.setRelease(refusedFrom);
        refusedFrom = Long.MAX_VALUE;
        refusedCount = 0;
        return count;
    }

    /** The counter that a nonce of this outlet stands for. */
    long counterOf(long nonce) {
        return (nonce & MAX_NONCE_COUNTER) - 1;
    }
}
