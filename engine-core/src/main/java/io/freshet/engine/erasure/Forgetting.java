package io.freshet.engine.erasure;

import io.freshet.log.Erasure;

/** The memory of everybody who hands records on. */
@FunctionalInterface
public interface Forgetting {
    /**
     * Makes memory forget records that were erased in the log: once {@code done} has run, on any thread, nobody is handed their
     * content any more.
     *
     * @param lastSequence the greatest that was erased
     * @param failed runs instead, once, when it is to be tried again
     */
    void forget(long channel, long lastSequence, Erasure erasure, Runnable done, Runnable failed);
}
