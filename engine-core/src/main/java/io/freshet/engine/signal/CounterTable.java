package io.freshet.engine.signal;

import io.freshet.protocol.SignalFrame;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A channel's counters, a few, by their names. Owned by one thread at a time. */
final class CounterTable {
    private final List<Counter> counters = new ArrayList<>(1);

    boolean isEmpty() {
        return counters.isEmpty();
    }

    boolean isFull() {
        return counters.size() >= SignalFrame.COUNTER_COUNT;
    }

    void clear() {
        counters.clear();
    }

    boolean has(String name) {
        for (Counter counter : counters) {
            if (counter.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    List<Counter> counters() {
        return counters;
    }

    /** The counter of this name, in UTF-8; null when there is none. Borrows the buffer. */
    @Nullable
    Counter find(ByteBuf buffer, int offset, int length) {
        for (int i = 0; i < counters.size(); i++) {
            Counter counter = counters.get(i);
            if (counter.isNamed(buffer, offset, length)) {
                return counter;
            }
        }
        return null;
    }

    /** A new counter, for whose name there is room and which is not there yet. */
    Counter make(byte[] name) {
        Counter counter = new Counter(name);
        counters.add(counter);
        return counter;
    }

    /**
     * Adds what another table counted to a counter; false when there is none and this one may not be made, or there are too many.
     *
     * @param isAlways whether it may be made in any case
     */
    boolean add(Counter added, boolean isAlways) {
        for (Counter counter : counters) {
            if (counter.isNamed(added)) {
                counter.add(added.value());
                if (added.isMade()) {
                    counter.made();
                }
                return true;
            }
        }
        if (isFull() || !(added.isMade() || isAlways)) {
            return false;
        }
        counters.add(added.copy());
        return true;
    }
}
