package io.freshet.log.index;

import org.agrona.DirectBuffer;

/**
 * A few tables of bytes ordered by unsigned key, changed by one writer in durable transactions and read by many threads.
 * The seam between the index and LMDB, so that a simulation has it in memory.
 */
public interface OrderedStore extends AutoCloseable {
    /** Most bytes of a key. */
    int MAX_KEY_LENGTH = 511;

    /** The tables of every store; an index and a directory use what they need. */
    enum Table {
        META(0),
        RUNS(1),
        TAILS(2),
        STATES(3),
        NAMES(4),
        IDS(5);

        private final byte code;

        Table(int code) {
            this.code = (byte) code;
        }

        byte code() {
            return code;
        }
    }

    /** Starts the one write transaction; it is committed or closed before the next. One thread at a time. */
    Writer begin();

    /** A reader for one thread. */
    Reader openReader();

    /** Idempotent; after every reader and writer is closed. */
    @Override
    void close();

    /** A cursor over what was committed when it was renewed last. */
    interface Reader extends AutoCloseable {
        /** Sees the latest commit from now on; a look-up is allowed only between this and {@link #release}. */
        void renew();

        /** Lets go of what was seen, so that its pages can be used again. */
        void release();

        /** Goes to exactly this key. Borrows the key. */
        boolean get(Table table, DirectBuffer key, int keyLength);

        /** Goes to the greatest key not above this one. Borrows the key. */
        boolean floor(Table table, DirectBuffer key, int keyLength);

        /** Goes to the smallest key not below this one. Borrows the key. */
        boolean ceiling(Table table, DirectBuffer key, int keyLength);

        /** Goes to the next key of the table that was asked last. */
        boolean next();

        /** The key found; borrowed until the next call. */
        DirectBuffer key();

        /** The value found; borrowed until the next call. */
        DirectBuffer value();

        @Override
        void close();
    }

    /** The write transaction; reads what it has written. Needs no {@link Reader#renew}. */
    interface Writer extends Reader {
        /** Borrows both. */
        void put(Table table, DirectBuffer key, int keyLength, DirectBuffer value, int offset, int length);

        /** Returns whether it was there. */
        boolean remove(Table table, DirectBuffer key, int keyLength);

        /** Makes the changes durable and visible at once; then it is closed. */
        void commit();

        /** Discards what was not committed. */
        @Override
        void close();
    }
}
