package io.freshet.benchmarks.load;

import java.util.List;

/** What the leader of the load threads does in each of its turns, from the first connection to the last message. On its thread. */
interface Flow {
    /** Does what is due. Returns how long nothing else will be, in nanoseconds; 0: there is more at once. */
    long doWork(long nowNs);

    boolean isDone();

    /** All channels of this connection are open. */
    void onOpen(Connection connection);

    /**
     * A connection could not be made, or has ended.
     *
     * @param hasFailed false when this side ended it
     */
    void onClosed(Connection connection, boolean wasOpen, boolean hasFailed);

    /** A connection that was not open yet was told by the server to come again after this time; it is in the state of a new one. */
    void onLater(Connection connection, long delayNs);

    /** What only this flow knows to say of the run, as sentences. When it is done. */
    default List<String> findings() {
        return List.of();
    }

    /** What only this flow knows to have gone wrong, as sentences. When it is done. */
    default List<String> faults() {
        return List.of();
    }
}
