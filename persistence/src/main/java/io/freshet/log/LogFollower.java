package io.freshet.log;

import org.agrona.DirectBuffer;

/**
 * Folds a shard's log into state that the index keeps with its checkpoints, so that state and index always stand at the
 * same document. Called on the indexer's thread, or by {@link ChannelIndex#catchUp}.
 */
public interface LogFollower {
    /** Distinguishes the states of several followers; stable over versions. */
    int id();

    /** The next document of any kind, in log order; borrowed during the call. */
    void onDocument(LogDocument document);

    /**
     * A state that this follower had put, from a snapshot: the documents that it was folded from are gone, and it is folded
     * anew from what is left. Stands for all documents before some position, and those after it are handed on as well, before
     * and after this call: what is told twice must count once. Borrowed during the call.
     */
    default void onSnapshot(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {}

    /** Whether a state is still of use, so that it must outlive the documents that it was folded from. Any thread. */
    default boolean isCurrent(DirectBuffer value, int offset, int length) {
        return true;
    }

    /** Writes what changed since the last checkpoint; what is put here and the index's own entries become visible at once. */
    void onCheckpoint(StateWriter writer);

    /**
     * The records of this channel before a sequence are not kept any more, and states that are about them are of no use. Within a
     * checkpoint, after {@link #onCheckpoint}.
     */
    default void onExpired(long channel, long firstSequence, StateWriter writer) {}

    /** The last checkpoint could not be written: everything since the one before it is void, and comes again. */
    void onRollback();

    /** Changes states of one follower within a checkpoint. Keys are (channel, key1, key2). */
    interface StateWriter {
        void put(long channel, long key1, long key2, DirectBuffer value, int offset, int length);

        void remove(long channel, long key1, long key2);

        /** The channel's records before this sequence are told as expired from now on, though their documents may still be there. */
        void expireBefore(long channel, long sequence);

        /** The oldest sequence of the channel that is kept, as far as is known; 0 when nothing is known of it. */
        long firstSequence(long channel);

        /** Every state of the channel as it stands in this checkpoint. */
        default void states(long channel, IndexReader.StateVisitor visitor) {
            states(channel, 0, -1, visitor);
        }

        /** The same of those whose first key is within these, both included and unsigned. */
        void states(long channel, long fromKey1, long toKey1, IndexReader.StateVisitor visitor);

        /** This one state as it stands in this checkpoint; false when there is none. */
        boolean state(long channel, long key1, long key2, IndexReader.StateVisitor visitor);
    }
}
