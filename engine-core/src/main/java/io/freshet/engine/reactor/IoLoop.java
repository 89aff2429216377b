package io.freshet.engine.reactor;

/** The network as a reactor drives it: the seam between the duty cycle and Netty's event loop or a simulated network. */
public interface IoLoop {
    /**
     * Delivers what has arrived to the connections' handlers, on the calling thread.
     *
     * @param waitNs how long to wait when nothing has; 0 or less not to wait. It returns earlier when {@link #wakeup} is
     *     called, also if that was just before, as long as the mailbox has not been looked into since
     * @return how much was delivered
     */
    int poll(long waitNs);

    /** Ends a wait of {@link #poll}, or keeps the next from waiting. Any thread. */
    void wakeup();

    /** Times, up to now, that connections gave their socket what had been offered since the time before. Owner's thread. */
    long writeCount();

    /** Ends every connection that is left and releases the loop. */
    void close();
}
