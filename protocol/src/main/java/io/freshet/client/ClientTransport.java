package io.freshet.client;

import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBufAllocator;

/**
 * How one client reaches its server, and which thread runs it: the seam below the client's core. Every task, timer and
 * callback of one transport runs after the one before it has returned, and never within the method that asked for it: this
 * is what <em>the client's thread</em> means, be it one thread or turns on several.
 */
public interface ClientTransport {
    /**
     * Tries to reach the server once; exactly one method of {@code attempt} is called afterwards. Client's thread; at
     * most one attempt or connection at a time. Bounding the time is the client's business: a late connection is aborted.
     */
    void connect(Attempt attempt);

    /**
     * Runs a task on the client's thread. Any thread.
     *
     * @throws java.util.concurrent.RejectedExecutionException perhaps, after {@link #close}
     */
    void execute(Runnable task);

    /** Whether the calling thread is the client's, running one of its tasks. Any thread. */
    boolean isClientThread();

    /** Runs a task on the client's thread once the delay is over. Client's thread. */
    Cancellation schedule(Runnable task, long delayNs);

    /** A clock that does not go back, of any origin. Any thread. */
    long nanoTime();

    /** Where the client gets the buffers that it sends. */
    ByteBufAllocator allocator();

    /** Frees what this transport owns. Client's thread, once, as the last call; no connection is open any more. */
    void close();

    /** What {@link #connect} tells of. */
    interface Attempt {
        /** The connection stands. Its events go to the returned handler. */
        ConnectionHandler onConnected(Connection connection);

        /** No connection came about. */
        void onFailed(Throwable cause);
    }

    /** A timer that can be stopped. */
    interface Cancellation {
        /** The task will not run. Idempotent, also after it ran. Client's thread. */
        void cancel();
    }
}
