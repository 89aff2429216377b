package io.freshet.engine.delivery;

import org.jspecify.annotations.Nullable;

/** The window's batches of one feed in sequence order, found by binary search. Owned by the reactor's thread. */
final class BatchRing {
    private static final int INITIAL_CAPACITY = 4;

    private @Nullable WindowEntry[] entries = new @Nullable WindowEntry[INITIAL_CAPACITY];
    private int first;
    private int size;

    void addLast(WindowEntry entry) {
        if (size == entries.length) {
            grow();
        }
        entries[slot(size++)] = entry;
    }

    /** Takes the oldest entry, or null. */
    @Nullable
    WindowEntry pollFirst() {
        if (size == 0) {
            return null;
        }
        WindowEntry entry = entries[first];
        entries[first] = null;
        first = slot(1);
        size--;
        return entry;
    }

    /** The oldest entry, or null. */
    @Nullable
    WindowEntry peekFirst() {
        return size == 0 ? null : entries[first];
    }

    /** The entry whose batch holds this sequence, or null. */
    @Nullable
    WindowEntry find(long sequence) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            WindowEntry entry = at(middle);
            if (sequence < entry.batch().firstSequence()) {
                high = middle - 1;
            } else if (sequence > entry.batch().lastSequence()) {
                low = middle + 1;
            } else {
                return entry;
            }
        }
        return null;
    }

    private WindowEntry at(int i) {
        WindowEntry entry = entries[slot(i)];
        assert entry != null;
        return entry;
    }

    private int slot(int i) {
        return (first + i) & (entries.length - 1);
    }

    private void grow() {
        @Nullable WindowEntry[] grown = new @Nullable WindowEntry[size * 2];
        for (int i = 0; i < size; i++) {
            grown[i] = at(i);
        }
        entries = grown;
        first = 0;
    }
}
