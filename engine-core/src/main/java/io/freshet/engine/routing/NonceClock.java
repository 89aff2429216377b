package io.freshet.engine.routing;

import io.freshet.log.IndexReader;
import io.freshet.log.LogFollower.StateWriter;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.NanoClock;

/**
 * The time by which the nonces of a shard are forgotten. It counts the time in which the server runs, whatever happens to the clock on the wall, and
 * is kept with the index's checkpoints, so that it never goes back: what was forgotten once is not remembered again, and no new
 * publish is taken for an old one. Only an index that is built anew takes the time from the log's documents; what passed between two of them then counts
 * for little, since nobody can tell a long silence from a clock that was set forward. The indexer's thread.
 */
final class NonceClock {
    /** It lies under this channel, which is none. */
    private static final long ALL_CHANNELS = 0;

    private static final int GAPS_PER_MEMORY = 64;

    private final NanoClock clock;
    private final long longestGapUs;
    private final ExpandableArrayBuffer encoded = new ExpandableArrayBuffer();
    private long nowUs;
    /** By the documents that were read, and the time of the last of them. */
    private long readUs;

    private long documentUs;
    private long toldUs;
    private long countedNs;
    private boolean isKnown;
    private boolean isBuiltAnew;
    private boolean isRunning;

    /** @param memoryUs how long an idle instance is remembered */
    NonceClock(NanoClock clock, long memoryUs) {
        this.clock = clock;
        longestGapUs = memoryUs / GAPS_PER_MEMORY;
    }

    /** What it said at the last checkpoint that this reader sees; 0 before the first. */
    static long read(IndexReader index) {
        long[] us = new long[1];
        index.state(
                NonceFollower.ID,
                ALL_CHANNELS,
                0,
                0,
                (key1, key2, value, offset, length) -> us[0] = NonceWindow.encodedUsedUs(value, offset));
        return us[0];
    }

    /** The next document of the log has this time. */
    void read(long timeUs) {
        readUs += Math.max(0, Math.min(longestGapUs, timeUs - documentUs));
        documentUs = timeUs;
    }

    /** The time at the document that was read last, by the documents. */
    long readUs() {
        return readUs;
    }

    /** Whether a state is this clock, as it was when a snapshot was made; what that tells of others goes by it. */
    boolean isTold(long channel, NonceWindow state) {
        if (channel == ALL_CHANNELS) {
            toldUs = state.usedUs();
        }
        return channel == ALL_CHANNELS;
    }

    /** By the documents, when something was used last of which the last snapshot says so. */
    long readUs(long usedUs) {
        return readUs - Math.max(0, toldUs - usedUs);
    }

    /** The log was read up to its end: from now on time passes. */
    void start() {
        isRunning = true;
        countedNs = clock.nanoTime();
    }

    /** Goes on, and is kept with this checkpoint. */
    void tick(StateWriter writer) {
        boolean isFirst = !isKnown;
        if (isFirst) {
            isKnown = true;
            isBuiltAnew = !writer.state(
                    ALL_CHANNELS,
                    0,
                    0,
                    (key1, key2, value, offset, length) ->
                            nowUs = Math.max(nowUs, NonceWindow.encodedUsedUs(value, offset)));
        }
        if (isBuiltAnew && (isFirst || !isRunning)) {
            nowUs = Math.max(nowUs, readUs);
        }
        if (isRunning) {
            long passedUs = (clock.nanoTime() - countedNs) / 1_000;
            nowUs += passedUs;
            countedNs += passedUs * 1_000;
        }
        NonceWindow kept = new NonceWindow(0);
        kept.used(nowUs);
        kept.encode(encoded, 0);
        writer.put(ALL_CHANNELS, 0, 0, encoded, 0, kept.encodedLength());
    }

    /** The time at the last {@link #tick}. */
    long nowUs() {
        return nowUs;
    }

    /** Whether it goes by the documents. */
    boolean isBuildingAnew() {
        return isBuiltAnew && !isRunning;
    }
}
