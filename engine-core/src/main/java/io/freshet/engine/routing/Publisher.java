package io.freshet.engine.routing;

import io.freshet.protocol.ErrorCode;

/** Whom the shard tells what became of publishes. Called on the shard's owner thread. */
public interface Publisher {
    /** These consecutive nonces are committed under consecutive sequences. */
    void onCommitted(long channel, long firstNonce, int count, long firstSequence);

    /**
     * These consecutive nonces were refused, or for a 5xx code their outcome is unknown.
     *
     * @param retryAfterMs when to come again; 0 where the code alone says it
     */
    void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs);

    /** The channel was deleted, or is for others: nothing comes of it any more, and its producer is to be given back. */
    default void onEnded(long channel) {}
}
