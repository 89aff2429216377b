package io.freshet.client;

import io.freshet.protocol.FreshetException;

/**
 * Receives a subscription's records, in the order of their sequence, without a hole that is not told and without a
 * repeat. Called on the client's thread: taking long slows this client's reading, and nobody else. An exception is logged,
 * counted, and ends nothing.
 */
@FunctionalInterface
public interface RecordHandler {
    /**
     * The next record.
     *
     * @param record <em>borrowed</em>: a view that is valid during the call, see {@link ReceivedRecord#copy}
     */
    void onRecord(ReceivedRecord record);

    /** These sequences will not be delivered. */
    default void onGap(long firstSequence, long count, GapReason reason) {}

    /**
     * The server lost the end of the channel: records above {@code validUpTo} that were delivered are void, and the next
     * record has sequence {@code validUpTo + 1}.
     */
    default void onRewind(int epoch, long validUpTo) {}

    /**
     * The channel is something else now: an event says so, which is the next record, or it was changed while there was no
     * connection. What it was when the subscription began is in {@link Subscription#channel}. A subscription that skips records is told
     * all the same when it is {@link Delivery#byPace}, or the channel's {@link Signals#watch signals} are watched.
     *
     * @param channel with its attributes as they are now
     */
    default void onAttributes(ChannelState channel) {}

    /** The subscription ended other than by its or the client's {@code close}; nothing is delivered after it. */
    default void onEnd(FreshetException cause) {}
}
