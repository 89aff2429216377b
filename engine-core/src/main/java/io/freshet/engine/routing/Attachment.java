package io.freshet.engine.routing;

import io.freshet.engine.channel.KnownAttributes;
import io.freshet.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * A session's wish to use a channel, as its owner sees it.
 *
 * @param reactor index of the session's reactor
 * @param sender id of the session's principal
 * @param instance the client instance that numbers publishes
 * @param isSubscriber whether the session's reactor is to receive the channel's batches
 * @param needsAttributes whether the channel is there only once it has attributes
 * @param publisher whom to tell what became of publishes; called on the owner's thread
 * @param listener whom to tell the outcome; called on the owner's thread
 */
public record Attachment(
        int reactor,
        long sender,
        int instance,
        boolean isSubscriber,
        boolean needsAttributes,
        Publisher publisher,
        Listener listener) {

    /** To a channel that may be anything. */
    public Attachment(
            int reactor, long sender, int instance, boolean isSubscriber, Publisher publisher, Listener listener) {
        this(reactor, sender, instance, isSubscriber, false, publisher, listener);
    }

    /** Receives the outcome, once. */
    public interface Listener {
        /**
         * The channel is there.
         *
         * @param producer the ticket for {@link Shard#publish} and {@link Shard#detach}
         * @param head the last committed sequence: every batch committed later is handed to the session's reactor
         * @param first the oldest sequence kept
         * @param nonceCounter the last counter accepted from this instance
         * @param attributes what the channel is, at its head; null when it has none
         */
        void onAttached(
                Producer producer,
                int epoch,
                long head,
                long first,
                int nonceCounter,
                @Nullable KnownAttributes attributes);

        /** It cannot be used, or this sender may not know of it. */
        void onAttachFailed(ErrorCode code);
    }
}
