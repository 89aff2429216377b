package io.freshet.engine.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * One number for each constant of an enum. Written by one thread, which pays a load and a plain store for it; read by any,
 * which sees each number as of a moment ago.
 *
 * @param <C> what is counted
 */
@SuppressWarnings("EnumOrdinal") // the place in an array that lives as long as the process
public final class Counters<C extends Enum<C>> {
    /** Unused numbers before and behind, so that the counters of two threads never share a cache line. */
    private static final int PADDING = 16;

    private final AtomicLongArray values;

    public Counters(Class<C> kind) {
        values = new AtomicLongArray(PADDING + kind.getEnumConstants().length + PADDING);
    }

    /** Adds to a number. Owner's thread. */
    public void add(C counter, long amount) {
        int index = PADDING + counter.ordinal();
        values.setOpaque(index, values.getPlain(index) + amount);
    }

    /** Replaces a number. Owner's thread. */
    public void set(C counter, long value) {
        values.setOpaque(PADDING + counter.ordinal(), value);
    }

    /** Any thread. */
    public long value(C counter) {
        return values.getOpaque(PADDING + counter.ordinal());
    }
}
