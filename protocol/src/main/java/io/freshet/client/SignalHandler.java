package io.freshet.client;

import io.freshet.protocol.FreshetException;

/** Receives what is said in a channel and not kept. Called on the client's thread; an exception is logged, counted, and ends nothing. */
@FunctionalInterface
public interface SignalHandler {
    /** What holds now, in all; at most ten times a second, and after it was missed for a while, only what holds then. */
    void onState(SignalState state);

    /**
     * An application's own signal.
     *
     * @param sender the principal who said it
     */
    default void onSaid(long sender, int kind, byte[] body) {}

    /** The server refused something that this client said. */
    default void onRefused(FreshetException cause) {}

    /** Nothing more is told: the channel cannot be used any more. Not called when the client or its user ended it. */
    default void onEnd(FreshetException cause) {}
}
