package io.freshet.engine.simulation;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** What happens at which simulated time; what is due at the same time happens in the order in which it was arranged. */
final class Agenda {
    /** Nothing that was arranged. */
    static final Entry NOTHING = new Entry(0, 0, () -> {});

    private final SimClock clock;
    private final PriorityQueue<Entry> entries = new PriorityQueue<>();
    private long entryCount;

    Agenda(SimClock clock) {
        this.clock = clock;
    }

    Entry after(long delayNs, Runnable task) {
        Entry entry = new Entry(clock.nanoTime() + Math.max(0, delayNs), entryCount++, task);
        entries.add(entry);
        return entry;
    }

    /** Does everything that is due; returns how much. */
    int runDue() {
        int count = 0;
        for (Entry next = entries.peek(); next != null && next.timeNs <= clock.nanoTime(); next = entries.peek()) {
            entries.remove();
            Runnable task = next.task;
            next.task = null;
            if (task != null) {
                task.run();
                count++;
            }
        }
        return count;
    }

    /** When the next thing is due, or {@link Long#MAX_VALUE}. */
    long nextNs() {
        for (Entry next = entries.peek(); next != null; next = entries.peek()) {
            if (next.task != null) {
                return next.timeNs;
            }
            entries.remove();
        }
        return Long.MAX_VALUE;
    }

    /** Something arranged, that may be called off. */
    static final class Entry implements Comparable<Entry> {
        private final long timeNs;
        private final long ordinal;
        private @Nullable Runnable task;

        private Entry(long timeNs, long ordinal, Runnable task) {
            this.timeNs = timeNs;
            this.ordinal = ordinal;
            this.task = task;
        }

        @Override
        public int compareTo(Entry other) {
            return timeNs == other.timeNs ? Long.compare(ordinal, other.ordinal) : Long.compare(timeNs, other.timeNs);
        }

        void cancel() {
            task = null;
        }
    }
}
