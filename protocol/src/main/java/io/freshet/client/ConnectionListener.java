package io.freshet.client;

import io.freshet.protocol.FreshetException;

/** Told on the client's thread how its connection fares. */
public interface ConnectionListener {
    /** The server has welcomed this client; called again after each reconnect. */
    default void onConnected() {}

    /**
     * The connection ended, other than by {@code close}.
     *
     * @param willReconnect whether the client tries again; if not, it has ended and so has everything on it
     */
    default void onDisconnected(FreshetException cause, boolean willReconnect) {}
}
