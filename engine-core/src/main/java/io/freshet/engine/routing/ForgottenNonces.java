package io.freshet.engine.routing;

import io.freshet.log.ChannelIndex;
import io.freshet.log.MessageLog;

/**
 * Which nonces the index has forgotten, so that the shard may forget them too: never before, since what a client was told is forgotten must not
 * come back when the channel is loaded again. Owned by the shard's thread.
 */
final class ForgottenNonces {
    private final ChannelIndex index;
    private final StateReads stateReads;
    private final long memoryUs;
    private long indexedPosition = MessageLog.NULL_POSITION;
    private long nowUs;
    private boolean isReading;

    /** @param memoryUs how long an idle instance is remembered */
    ForgottenNonces(ChannelIndex index, StateReads stateReads, long memoryUs) {
        this.index = index;
        this.stateReads = stateReads;
        this.memoryUs = memoryUs;
    }

    /** Asks what time the index has come to, when it has come further. */
    void onTick() {
        long position = index.indexedPosition();
        if (isReading || position == indexedPosition) {
            return;
        }
        isReading = true;
        stateReads.<Long>submit(
                NonceClock::read,
                us -> {
                    isReading = false;
                    indexedPosition = position;
                    nowUs = us;
                },
                failure -> isReading = false);
    }

    /** Whether the index knew everything up to this position when it said {@link #nowUs}. */
    boolean isIndexed(long position) {
        return position <= indexedPosition;
    }

    /** The time that the index has come to, see {@link NonceClock}. */
    long nowUs() {
        return nowUs;
    }

    /** Whether who has not published since this time is forgotten. */
    boolean isForgotten(long usedUs) {
        return isForgotten(usedUs, nowUs, memoryUs);
    }

    static boolean isForgotten(long usedUs, long nowUs, long memoryUs) {
        return usedUs < nowUs - memoryUs;
    }
}
