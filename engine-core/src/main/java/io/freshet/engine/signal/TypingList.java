package io.freshet.engine.signal;

import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.Signal;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.Long2LongHashMap;

/** Who is writing in a channel, each until some seconds after its client said so last. Owned by the shard's thread. */
final class TypingList {
    /** How long it holds when a client says so once. */
    static final long EXPIRY_NS = TimeUnit.SECONDS.toNanos(6);

    private static final int CAPACITY = 10_000;
    private static final long MISSING = Long.MIN_VALUE;

    private final Long2LongHashMap untilNs = new Long2LongHashMap(MISSING);
    private long nextExpiryNs;

    int count() {
        return untilNs.size();
    }

    boolean isEmpty() {
        return untilNs.isEmpty();
    }

    /** Whether this one is the only one. */
    long sole() {
        return untilNs.size() == 1 ? untilNs.keySet().iterator().nextValue() : 0;
    }

    boolean isFullFor(long principal) {
        return untilNs.size() >= CAPACITY && !untilNs.containsKey(principal);
    }

    /** This one is writing; whether that is new. There must be room. */
    boolean begin(long principal, long nowNs) {
        if (untilNs.isEmpty() || nowNs + EXPIRY_NS - nextExpiryNs < 0) {
            nextExpiryNs = nowNs + EXPIRY_NS;
        }
        return untilNs.put(principal, nowNs + EXPIRY_NS) == MISSING;
    }

    /** This one is not writing any more; whether that is new. */
    boolean end(long principal) {
        return untilNs.remove(principal) != MISSING;
    }

    /** Drops those whose time is over; whether there were any. */
    boolean expire(long nowNs) {
        if (untilNs.isEmpty() || nowNs - nextExpiryNs < 0) {
            return false;
        }
        int before = untilNs.size();
        long nextNs = nowNs + EXPIRY_NS;
        Long2LongHashMap.EntryIterator all = untilNs.entrySet().iterator();
        while (all.hasNext()) {
            all.next();
            if (all.getLongValue() - nowNs <= 0) {
                all.remove();
            } else if (all.getLongValue() - nextNs < 0) {
                nextNs = all.getLongValue();
            }
        }
        nextExpiryNs = nextNs;
        return untilNs.size() != before;
    }

    /** Says how many they are, and who, in the order of their ids, while they are few. */
    void writeTo(Signal.Builder signal) {
        signal.setTypistCount(untilNs.size());
        if (untilNs.isEmpty() || untilNs.size() > SignalFrame.NAMED_TYPISTS) {
            return;
        }
        long[] principals = new long[untilNs.size()];
        int count = 0;
        Long2LongHashMap.KeyIterator keys = untilNs.keySet().iterator();
        while (keys.hasNext()) {
            principals[count++] = keys.nextValue();
        }
        Arrays.sort(principals);
        for (long principal : principals) {
            signal.addTypists(principal);
        }
    }
}
