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

    /** Writes what changed since the last checkpoint; what is put here and the index's own entries become visible at once. */
    void onCheckpoint(StateWriter writer);

    /** The last checkpoint could not be written: everything since the one before it is void, and comes again. */
    void onRollback();

    /** Changes states of one follower within a checkpoint. Keys are (channel, key1, key2). */
    interface StateWriter {
        void put(long channel, long key1, long key2, DirectBuffer value, int offset, int length);

        void remove(long channel, long key1, long key2);

        /** Every state of the channel as it stands in this checkpoint. */
        void states(long channel, IndexReader.StateVisitor visitor);
    }
}
