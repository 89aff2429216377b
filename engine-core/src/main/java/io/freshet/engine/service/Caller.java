package io.freshet.engine.service;

import com.google.protobuf.Message;
import io.freshet.engine.Principal;

/** A session, as a service sees it: the same object for all requests of one session. Any thread. */
public interface Caller {
    /** Who the session speaks for. */
    Principal principal();

    /** The session's number, which WELCOME told it. */
    long session();

    /**
     * Sends the session a PUSH, behind the pushes and answers that this thread sent it before.
     *
     * @return false when it will not be sent: the session is over, does not read what it is sent, or too much is on its way to it or to its
     *     reactor; that is counted. True: it is sent, unless the session ends first
     * @throws IllegalArgumentException when the message is longer than 65,536 bytes
     */
    default boolean push(Message message) {
        return push(Pushed.of(message));
    }

    /** {@link #push(Message)} of a message that was encoded once for many. */
    boolean push(Pushed message);

    /**
     * Runs a task once when the session has ended, at once when it has; on the engine's executor, for a service of the engine's own on the services'
     * thread. As long as it waits the session does not count as idle.
     *
     * @throws IllegalStateException when 256 tasks of the session wait
     */
    void onEnd(Runnable task);
}
