package io.freshet.client;

import io.freshet.protocol.FreshetException;

/** What a caller asked for, on its way to the client's thread through the {@link CommandQueue}. */
interface Command {
    /** Does it, or begins to. Client's thread. */
    void run();

    /** Completes the caller's future with this failure, unless it is completed. Any thread. */
    void fail(FreshetException cause);
}
