package io.freshet.engine.routing;

import io.freshet.engine.Principal;
import io.freshet.engine.limit.TokenBucket;
import io.freshet.protocol.ErrorCode;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How fast one channel takes records, of everybody together and of each sender. A channel without limits has none. Owned by the shard's
 * thread.
 */
final class ChannelPace {
    /** Senders that are remembered; above it only those who are known already may publish until one is forgotten. */
    private static final int SENDER_LIMIT = 1 << 16;

    private static final long NEVER = Long.MIN_VALUE;

    private final @Nullable TokenBucket bucket;
    private final long slowModeNs;
    /** When a sender may publish again, for those to whom that matters. */
    private final Long2LongHashMap nextNs = new Long2LongHashMap(NEVER);

    private long waitNs;

    /** @param slowModeNs between two records of one sender at least; 0 for none */
    ChannelPace(@Nullable TokenBucket bucket, long slowModeNs) {
        this.bucket = bucket;
        this.slowModeNs = slowModeNs;
    }

    /**
     * Whether this sender may publish one record now: null, and then it counts; or why not, see {@link #waitNs}.
     *
     * @param isSlowed whether slow mode is for it: not for a deletion, say
     */
    @Nullable
    ErrorCode take(long sender, boolean isSlowed, long nowNs) {
        if (sender == Principal.SYSTEM.id()) {
            return null;
        }
        if (slowModeNs > 0 && isSlowed) {
            long mayNs = nextNs.get(sender);
            if (mayNs != NEVER && mayNs - nowNs > 0) {
                waitNs = mayNs - nowNs;
                return ErrorCode.SLOW_MODE;
            }
            if (mayNs == NEVER && nextNs.size() >= SENDER_LIMIT) {
                waitNs = slowModeNs;
                return ErrorCode.SLOW_MODE;
            }
        }
        if (bucket != null) {
            waitNs = bucket.take(nowNs);
            if (waitNs > 0) {
                return ErrorCode.CHANNEL_RATE;
            }
        }
        if (slowModeNs > 0 && isSlowed) {
            nextNs.put(sender, nowNs + slowModeNs);
        }
        return null;
    }

    /** How long to wait after the last refusal. */
    long waitNs() {
        return waitNs;
    }

    /** Forgets the senders who may publish again. */
    void expire(long nowNs) {
        if (nextNs.isEmpty()) {
            return;
        }
        Long2LongHashMap.EntryIterator all = nextNs.entrySet().iterator();
        while (all.hasNext()) {
            all.next();
            if (all.getLongValue() - nowNs <= 0) {
                all.remove();
            }
        }
    }

    /** Whether it could be made anew without anybody noticing (but for the few that the channel's bucket gives at once). */
    boolean isIdle() {
        return nextNs.isEmpty();
    }
}
