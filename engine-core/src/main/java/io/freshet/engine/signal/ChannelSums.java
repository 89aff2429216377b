package io.freshet.engine.signal;

import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.Said;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What one reactor has collected for one channel and not handed to its owner yet. Owned by that reactor's thread, and by the
 * owner's once it was handed over.
 */
final class ChannelSums {
    static final long IS_TYPING = 1;
    private static final long NOT_KNOWN = -1;
    private static final long IS_NOT_TYPING = 0;

    /** Principals whose typing can change within one tick. */
    private static final int TYPISTS = 1024;

    final long channel;
    final int reactor;
    final CounterTable counters = new CounterTable();
    /** Counted by those who make no counters, while the reactor does not know which there are. */
    final CounterTable unmade = new CounterTable();
    /** What the reactor knew of the channel's counters when this was handed over. */
    @Nullable
    CounterNames known;

    private @Nullable Long2LongHashMap typing;
    private @Nullable List<Said> said;
    private int occupancy;
    private boolean hasOccupancy;
    private boolean isWatched;
    private boolean hasWatch;

    ChannelSums(long channel, int reactor) {
        this.channel = channel;
        this.reactor = reactor;
    }

    /** This principal is writing, or not any more; false when that was too many of them. */
    boolean typing(long principal, boolean isOn) {
        Long2LongHashMap all = typing;
        if (all == null) {
            all = new Long2LongHashMap(NOT_KNOWN);
            typing = all;
        }
        if (all.size() >= TYPISTS && !all.containsKey(principal)) {
            return false;
        }
        all.put(principal, isOn ? IS_TYPING : IS_NOT_TYPING);
        return true;
    }

    /** What changed for whom: {@link #IS_TYPING} or not. Null when nothing did. */
    @Nullable
    Long2LongHashMap typing() {
        return typing;
    }

    /** An application's own signal; false when there were too many. */
    boolean say(Said what) {
        List<Said> all = said;
        if (all == null) {
            all = new ArrayList<>(1);
            said = all;
        }
        return all.size() < SignalFrame.SAID_COUNT && all.add(what);
    }

    List<Said> said() {
        return said == null ? List.of() : said;
    }

    /** So many subscriptions are there on this reactor now. */
    void occupancy(int count) {
        occupancy = count;
        hasOccupancy = true;
    }

    boolean hasOccupancy() {
        return hasOccupancy;
    }

    int occupancy() {
        return occupancy;
    }

    /** From now on somebody on this reactor wants to be told, or nobody any more. */
    void watch(boolean isOn) {
        isWatched = isOn;
        hasWatch = true;
    }

    boolean hasWatch() {
        return hasWatch;
    }

    boolean isWatched() {
        return isWatched;
    }
}
