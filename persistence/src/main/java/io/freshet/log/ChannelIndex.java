package io.freshet.log;

/**
 * Where each channel's records lie in one shard's log. It follows the log, never ahead of what is synced, and can be
 * rebuilt from it.
 */
public interface ChannelIndex {
    /** Position of the last document that a lookup made now takes into account. Any thread. */
    long indexedPosition();

    /** How it keeps up with the log. Any thread. */
    IndexStatistics statistics();

    /** Registers a follower of the log whose state is kept beside the index; before the index is brought up to date. */
    void addFollower(LogFollower follower);

    /**
     * Brings the index up to the end of the log, and builds it anew when a follower was added that it did not know; called
     * once, before the storage's agents run and the shard appends.
     * Blocks for as long as it takes.
     */
    void catchUp();

    /** A reader for one thread; the caller closes it. */
    IndexReader openReader();
}
