package io.freshet.engine.limit;

import org.jspecify.annotations.Nullable;

/**
 * What the sessions of one address, or of one principal, share: how many they are and their buckets, each null where there is no
 * limit. Any thread.
 */
public final class Account {
    private final @Nullable SharedBucket publishes;
    private final @Nullable SharedBucket other;
    /** Changed within the table's own update of this entry only. */
    int holderCount;

    Account(@Nullable SharedBucket publishes, @Nullable SharedBucket other) {
        this.publishes = publishes;
        this.other = other;
    }

    /** For publishes. */
    public @Nullable SharedBucket publishes() {
        return publishes;
    }

    /** Of a principal: for bytes of history. Of an address: for connections that were short. */
    public @Nullable SharedBucket other() {
        return other;
    }

    /** Whether nobody would notice if it were made anew. */
    boolean isForgettable(long nowNs) {
        return holderCount == 0
                && (publishes == null || publishes.isFull(nowNs))
                && (other == null || other.isFull(nowNs));
    }
}
