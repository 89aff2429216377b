package io.freshet.log.index;

import static io.freshet.log.index.IndexKeys.VALUE_ORDER;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** The runs of one channel that the index holds under one key, in order. Belongs to the indexer's thread. */
final class RunBlock {
    /** Runs in a full block. */
    static final int CAPACITY = 64;

    /** Bytes of a run. */
    static final int ENTRY_LENGTH = 20;

    private static final int POSITION_OFFSET = 8;
    private static final int COUNT_OFFSET = 16;

    final long channel;
    long firstSequence;
    long lastSequence;
    long lastPosition;
    long lastTimeUs;
    boolean isDirty;

    private final long[] sequences = new long[CAPACITY];
    private final long[] positions = new long[CAPACITY];
    private final int[] counts = new int[CAPACITY];
    private int size;

    RunBlock(long channel) {
        this.channel = channel;
    }

    boolean isFull() {
        return size == CAPACITY;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** The sequence under which the block lies. */
    long key() {
        return sequences[0];
    }

    void add(long sequence, long position, int recordCount) {
        sequences[size] = sequence;
        positions[size] = position;
        counts[size] = recordCount;
        size++;
    }

    void clear() {
        size = 0;
    }

    /** Takes the ends of the channel as they lie in the store; borrows the buffer. */
    void loadTail(DirectBuffer value) {
        firstSequence = value.getLong(0, VALUE_ORDER);
        lastSequence = value.getLong(8, VALUE_ORDER);
        lastPosition = value.getLong(16, VALUE_ORDER);
        lastTimeUs = value.getLong(24, VALUE_ORDER);
    }

    /** Takes runs as they lie in the store; borrows the buffer. */
    void load(DirectBuffer value) {
        size = entryCount(value);
        for (int i = 0; i < size; i++) {
            sequences[i] = sequence(value, i);
            positions[i] = position(value, i);
            counts[i] = recordCount(value, i);
        }
    }

    /** Writes the runs as {@link #load} takes them; returns the length. */
    int write(MutableDirectBuffer out) {
        for (int i = 0; i < size; i++) {
            int at = i * ENTRY_LENGTH;
            out.putLong(at, sequences[i], VALUE_ORDER);
            out.putLong(at + POSITION_OFFSET, positions[i], VALUE_ORDER);
            out.putInt(at + COUNT_OFFSET, counts[i], VALUE_ORDER);
        }
        return size * ENTRY_LENGTH;
    }

    /** Forgets runs in documents before {@code oldest}. */
    void trim(long oldest) {
        int gone = 0;
        while (gone < size && positions[gone] < oldest) {
            gone++;
        }
        size -= gone;
        System.arraycopy(sequences, gone, sequences, 0, size);
        System.arraycopy(positions, gone, positions, 0, size);
        System.arraycopy(counts, gone, counts, 0, size);
    }

    static int entryCount(DirectBuffer value) {
        return value.capacity() / ENTRY_LENGTH;
    }

    static long sequence(DirectBuffer value, int entry) {
        return value.getLong(entry * ENTRY_LENGTH, VALUE_ORDER);
    }

    static long position(DirectBuffer value, int entry) {
        return value.getLong(entry * ENTRY_LENGTH + POSITION_OFFSET, VALUE_ORDER);
    }

    static int recordCount(DirectBuffer value, int entry) {
        return value.getInt(entry * ENTRY_LENGTH + COUNT_OFFSET, VALUE_ORDER);
    }

    /** The last entry whose first sequence is not above {@code sequence}; -1 when all are. Borrows the value. */
    static int floor(DirectBuffer value, long sequence) {
        int low = 0;
        int high = entryCount(value) - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (sequence(value, middle) <= sequence) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
