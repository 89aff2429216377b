package io.freshet.log;

import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/** Lookups in a {@link ChannelIndex}. Belongs to one thread; each call sees the latest checkpoint. */
public interface IndexReader extends AutoCloseable {
    /**
     * Position of the document that holds this record, as far as the index reaches: when the record is not indexed yet,
     * the position of the last indexed document, from which a scan forward finds it; when it is no longer kept, that of
     * the channel's oldest run. {@link MessageLog#NULL_POSITION}
     * when the index is empty.
     */
    long find(long channel, long sequence);

    /** What the index knows of the end of this channel; false when it has no record of it. */
    boolean tail(long channel, ChannelTail tail);

    /**
     * The last sequence of the channel in documents before {@code position}; 0 when there is none, or none is known any more since
     * the files around it were freed. It may be below the channel's first.
     */
    long lastSequenceBefore(long channel, long position);

    /** Hands every state that a follower keeps for this channel to the visitor, by rising keys; it must not use this reader. */
    default void states(int follower, long channel, StateVisitor visitor) {
        states(follower, channel, 0, -1, visitor);
    }

    /** The same of those whose first key is within these, both included and unsigned. */
    void states(int follower, long channel, long fromKey1, long toKey1, StateVisitor visitor);

    /** The same, until the search has found what it looks for. It must not use this reader. */
    void searchStates(int follower, long channel, long fromKey1, long toKey1, StateSearch search);

    /** Hands this one state to the visitor; false when there is none. It must not use this reader. */
    boolean state(int follower, long channel, long key1, long key2, StateVisitor visitor);

    /** Runs look-ups of this reader that all see one checkpoint: the latest one. They may call this as well. */
    <T> T together(Supplier<T> lookups);

    @Override
    void close();

    /** Receives one state; the buffer is borrowed during the call. */
    @FunctionalInterface
    interface StateVisitor {
        void onState(long key1, long key2, DirectBuffer value, int offset, int length);
    }

    /** Receives one state after the other; the buffer is borrowed during the call. */
    @FunctionalInterface
    interface StateSearch {
        /** Whether it is to go on. */
        boolean onState(long key1, long key2, DirectBuffer value, int offset, int length);
    }
}
