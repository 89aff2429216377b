package io.freshet.engine.signal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freshet.protocol.SignalFrame;
import org.jspecify.annotations.Nullable;

/**
 * Which counters of one channel one reactor's sessions can add to, as far as it knows: those that the channel's owner has told, and those
 * that it was handed since. So nobody takes a place among the sixteen with a name that is no counter. Owned by the reactor's thread.
 */
final class CounterAdmission {
    private @Nullable CounterNames names;
    /** Handed to the owner, who has not told since what there is. */
    private final CounterTable proposed = new CounterTable();

    /** The channel's owner says what there is. */
    void told(CounterNames latest) {
        names = latest;
        proposed.clear();
    }

    /** What was collected goes to the channel's owner. */
    void handOver(ChannelSums sums) {
        sums.known = names;
        for (Counter counter : sums.counters.counters()) {
            if (counter.isMade() && !isThere(counter.name()) && !proposed.isFull()) {
                proposed.make(counter.name().getBytes(UTF_8));
            }
        }
    }

    private boolean isThere(String name) {
        return (names != null && names.has(name)) || proposed.has(name);
    }

    /** Whether a counter of this name would be one too many. */
    boolean isFullFor(String name, ChannelSums sums) {
        if (isThere(name)) {
            return false;
        }
        int count = names == null ? 0 : names.made().size();
        for (Counter counter : proposed.counters()) {
            count += names == null || !names.has(counter.name()) ? 1 : 0;
        }
        for (Counter counter : sums.counters.counters()) {
            count += isThere(counter.name()) ? 0 : 1;
        }
        return count >= SignalFrame.COUNTER_COUNT;
    }

    /**
     * Begins to collect for a counter.
     *
     * @param mayMake whether this is for somebody who may make a counter that there is not
     * @return null when there is no such counter, and it is not to be made
     */
    @Nullable
    Counter begin(String name, ChannelSums sums, boolean mayMake) {
        boolean isMaking = mayMake && (names == null || names.mayBeMade(name));
        if (isMaking || isThere(name)) {
            return sums.counters.isFull() ? null : sums.counters.make(name.getBytes(UTF_8));
        }
        return names != null || sums.unmade.isFull() ? null : sums.unmade.make(name.getBytes(UTF_8));
    }
}
