package io.freshet.benchmarks.load;

/** What a load thread does in each of its turns, from the first connection to the last message. On that thread. */
interface Flow {
    /** Does what is due. Returns how long nothing else will be, in nanoseconds; 0: there is more at once. */
    long doWork(long nowNs);

    boolean isDone();

    /** All channels of this connection are open. */
    void onOpen(Connection connection);

    /** A connection could not be made, or has ended. */
    void onClosed(Connection connection, boolean wasOpen);

    void onSubscribed(Subscription subscription);
}
