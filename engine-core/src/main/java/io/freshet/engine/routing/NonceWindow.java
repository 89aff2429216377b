package io.freshet.engine.routing;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one client instance's publishes to one channel: its last counter, and under which sequences its
 * last publishes were kept. Owned by one thread: the shard's, or the indexer's for the copy that survives a restart.
 *
 * <p>Consecutive counters mostly get consecutive sequences, so the memory is a ring of ranges and not of single numbers.
 * Counters are 32 bits and wrap; their order is that of serial numbers (RFC 1982).
 *
 * <pre>
 *   encoded:  last counter u32 | last time us u64 | range count u32 | { first counter u32, count u32, first sequence u64 }* | used us u64
 * </pre>
 */
final class NonceWindow {
    /** {@link #sequenceOf} a counter that is older than the memory. */
    static final long FORGOTTEN = -1;

    private static final int LAST_TIME_OFFSET = 4;
    private static final int RANGE_COUNT_OFFSET = 12;
    private static final int RANGES_OFFSET = 16;
    private static final int RANGE_LENGTH = 16;
    private static final int USED_LENGTH = 8;

    /** {@link #usedUs} while that is now. */
    private static final long IN_USE = Long.MAX_VALUE;

    private static final int INITIAL_RANGES = 2;
    private static final int MAX_RANGE_COUNT = 1 << 30;

    /** Who only listens, as most do, takes no memory for what it publishes. */
    private static final int[] NO_COUNTERS = {};

    private static final long[] NO_SEQUENCES = {};

    private final int windowCount;
    private int[] firstCounters = NO_COUNTERS;
    private int[] counts = NO_COUNTERS;
    private long[] firstSequences = NO_SEQUENCES;
    private int oldest;
    private int size;
    private int lastCounter;
    private long lastTimeUs;
    private long usedUs = IN_USE;
    private int holderCount;
    private boolean isExpiring;
    private @Nullable Producer holder;

    /** @param windowCount how many publishes are remembered at least, once there were so many */
    NonceWindow(int windowCount) {
        this.windowCount = windowCount;
    }

    /** The last counter accepted; 0 before the first. */
    int lastCounter() {
        return lastCounter;
    }

    /** When the last publish was accepted, in microseconds since the epoch. */
    long lastTimeUs() {
        return lastTimeUs;
    }

    /** When it was used last, by the shard's {@link NonceClock}; greater than any time while that is not over. */
    long usedUs() {
        return usedUs;
    }

    /** It is known to have been used until this time, by the shard's {@link NonceClock}. */
    void used(long us) {
        usedUs = us;
    }

    /** It is not used any more; says from when on, unless that is known. */
    void unused(long nowUs) {
        usedUs = Math.min(usedUs, nowUs);
    }

    /** Sessions that have the channel open with this instance; while there are any, the window does not expire. */
    int holderCount() {
        return holderCount;
    }

    /** A session has opened the channel with this instance: from now on it alone may publish for it. */
    void hold(Producer producer) {
        holderCount++;
        holder = producer;
        usedUs = IN_USE;
    }

    /** Whether this is the session that opened the channel last. An older one's publishes may still be under way. */
    boolean isHeldBy(Producer producer) {
        return holder == producer;
    }

    /** A session has given the channel up, and is forgotten. */
    void letGo(Producer producer) {
        holderCount--;
        if (holder == producer) {
            holder = null;
        }
    }

    /** Whether its turn to expire comes; if not, nothing was published that is worth to be remembered. */
    boolean isExpiring() {
        return isExpiring;
    }

    void expires() {
        isExpiring = true;
    }

    /** Whether this is the one counter that may come next. */
    boolean isNext(int counter) {
        return counter == lastCounter + 1;
    }

    /** Whether this counter was accepted before (perhaps too long ago to be remembered). */
    boolean isRepeat(int counter) {
        return size > 0 && counter != 0 && lastCounter - counter >= 0;
    }

    /** Remembers the next counter. */
    void accept(int counter, long sequence, long timeUs) {
        acceptRange(counter, 1, sequence, timeUs);
    }

    /** Remembers what another window knows of the time after this one; a later start over from 1 replaces it. */
    void append(NonceWindow later) {
        usedUs = Math.max(usedUs, later.usedUs);
        if (later.size > 0 && later.firstCounters[later.oldest] != lastCounter + 1) {
            size = 0;
        }
        for (int i = 0; i < later.size; i++) {
            int at = later.slot(i);
            acceptRange(later.firstCounters[at], later.counts[at], later.firstSequences[at], later.lastTimeUs);
        }
    }

    /**
     * Adds what another window knows beyond this one; the two may overlap. One that knows nothing later changes nothing; one that
     * does not continue this one, since its instance started over, replaces it.
     */
    void extend(NonceWindow other) {
        int ahead = other.lastCounter - lastCounter;
        if (other.size == 0 || (ahead <= 0 && other.lastTimeUs <= lastTimeUs)) {
            return;
        }
        usedUs = Math.max(usedUs, other.usedUs);
        if (ahead <= 0 || other.firstCounters[other.oldest] - lastCounter > 1) {
            size = 0;
            lastCounter = other.firstCounters[other.oldest] - 1;
        }
        for (int i = 0; i < other.size; i++) {
            int at = other.slot(i);
            int known = Math.max(0, lastCounter + 1 - other.firstCounters[at]);
            if (known < other.counts[at]) {
                acceptRange(
                        other.firstCounters[at] + known,
                        other.counts[at] - known,
                        other.firstSequences[at] + known,
                        other.lastTimeUs);
            }
        }
    }

    private void acceptRange(int counter, int count, long sequence, long timeUs) {
        lastCounter = counter + count - 1;
        lastTimeUs = timeUs;
        int newest = size > 0 ? slot(size - 1) : 0;
        if (size > 0
                && counts[newest] < MAX_RANGE_COUNT
                && firstCounters[newest] + counts[newest] == counter
                && firstSequences[newest] + counts[newest] == sequence) {
            counts[newest] += count;
            return;
        }
        dropOld();
        if (size == counts.length) {
            grow();
        }
        int added = slot(size);
        firstCounters[added] = counter;
        counts[added] = count;
        firstSequences[added] = sequence;
        size++;
    }

    /** Forgets this counter and all after it: their batch was not kept. */
    void undo(int counter) {
        while (size > 0) {
            int newest = slot(size - 1);
            int kept = counter - firstCounters[newest];
            if (kept > 0) {
                counts[newest] = Math.min(counts[newest], kept);
                break;
            }
            size--;
        }
        lastCounter = counter - 1;
    }

    /** The sequence under which this counter was kept, or {@link #FORGOTTEN}. */
    long sequenceOf(int counter) {
        for (int i = size - 1; i >= 0; i--) {
            int at = slot(i);
            int distance = counter - firstCounters[at];
            if (distance >= 0 && distance < counts[at]) {
                return firstSequences[at] + distance;
            }
        }
        return FORGOTTEN;
    }

    /**
     * Drops ranges of which nothing belongs to the last {@code 2 * windowCount} counters: twice, so that undoing a whole
     * window of publishes still leaves one.
     */
    private void dropOld() {
        while (size > 0 && lastCounter - (firstCounters[oldest] + counts[oldest] - 1) > 2 * windowCount) {
            oldest = (oldest + 1) % counts.length;
            size--;
        }
    }

    private void grow() {
        int capacity = Math.max(INITIAL_RANGES, size * 2);
        int[] grownCounters = new int[capacity];
        int[] grownCounts = new int[capacity];
        long[] grownSequences = new long[capacity];
        for (int i = 0; i < size; i++) {
            int at = slot(i);
            grownCounters[i] = firstCounters[at];
            grownCounts[i] = counts[at];
            grownSequences[i] = firstSequences[at];
        }
        firstCounters = grownCounters;
        counts = grownCounts;
        firstSequences = grownSequences;
        oldest = 0;
    }

    private int slot(int i) {
        return (oldest + i + counts.length) % counts.length;
    }

    int encodedLength() {
        return RANGES_OFFSET + size * RANGE_LENGTH + USED_LENGTH;
    }

    /** Writes {@link #encodedLength} bytes. */
    void encode(MutableDirectBuffer out, int offset) {
        out.putInt(offset, lastCounter, LITTLE_ENDIAN);
        out.putLong(offset + LAST_TIME_OFFSET, lastTimeUs, LITTLE_ENDIAN);
        out.putInt(offset + RANGE_COUNT_OFFSET, size, LITTLE_ENDIAN);
        int at = offset + RANGES_OFFSET;
        for (int i = 0; i < size; i++, at += RANGE_LENGTH) {
            out.putInt(at, firstCounters[slot(i)], LITTLE_ENDIAN);
            out.putInt(at + 4, counts[slot(i)], LITTLE_ENDIAN);
            out.putLong(at + 8, firstSequences[slot(i)], LITTLE_ENDIAN);
        }
        out.putLong(at, usedUs, LITTLE_ENDIAN);
    }

    /** {@link #usedUs} within encoded bytes, without decoding the rest. */
    static long encodedUsedUs(DirectBuffer in, int offset) {
        int rangeCount = in.getInt(offset + RANGE_COUNT_OFFSET, LITTLE_ENDIAN);
        return in.getLong(offset + RANGES_OFFSET + rangeCount * RANGE_LENGTH, LITTLE_ENDIAN);
    }

    static NonceWindow decode(int windowCount, DirectBuffer in, int offset) {
        NonceWindow window = new NonceWindow(windowCount);
        window.lastCounter = in.getInt(offset, LITTLE_ENDIAN);
        window.lastTimeUs = in.getLong(offset + LAST_TIME_OFFSET, LITTLE_ENDIAN);
        window.size = in.getInt(offset + RANGE_COUNT_OFFSET, LITTLE_ENDIAN);
        int capacity = Math.max(INITIAL_RANGES, window.size);
        window.firstCounters = Arrays.copyOf(window.firstCounters, capacity);
        window.counts = Arrays.copyOf(window.counts, capacity);
        window.firstSequences = Arrays.copyOf(window.firstSequences, capacity);
        int at = offset + RANGES_OFFSET;
        for (int i = 0; i < window.size; i++, at += RANGE_LENGTH) {
            window.firstCounters[i] = in.getInt(at, LITTLE_ENDIAN);
            window.counts[i] = in.getInt(at + 4, LITTLE_ENDIAN);
            window.firstSequences[i] = in.getLong(at + 8, LITTLE_ENDIAN);
        }
        window.usedUs = in.getLong(at, LITTLE_ENDIAN);
        return window;
    }
}
