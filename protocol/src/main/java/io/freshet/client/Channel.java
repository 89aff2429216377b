package io.freshet.client;

import java.util.concurrent.CompletionStage;

/**
 * A channel as one client sees it. Any thread may call it; none of the methods blocks. It opens at its first use (and is
 * created then, if the principal may) and is opened again by itself after a lost connection.
 *
 * <p>Every stage completes on the client's thread, at the latest when the client ends; a failed one carries a {@link
 * io.freshet.protocol.FreshetException}. Whoever waits for such a stage on the client's thread, in a handler or in what
 * depends on another stage, waits for ever.
 */
public interface Channel {
    String name();

    /** Opens the channel to publish and to fetch. Idempotent; a subscription opens it as well. */
    CompletionStage<ChannelState> open();

    /** {@link #publish(int, byte[])} of kind 0, a message. */
    CompletionStage<Receipt> publish(byte[] payload);

    /**
     * Publishes one event. What one thread publishes to one channel is stored in that order, each event once, also over
     * reconnects: a publish is never overtaken by a later one that succeeds.
     *
     * @param kind of the event, 0 to 65,535
     * @param payload <em>retained</em> until the stage completes: do not write to it before
     * @return the receipt once the server has committed the event; fails at once with {@code OVERLOADED} when the
     *     client's bound of unanswered publishes is reached, with the server's code when it refuses for good or for longer than
     *     the client's {@code retryTimeout}, and with an outcome unknown when the connection was lost and no other came in the
     *     time the server remembers publishes. A stage that its holder completes or times out is not sent any more, if it waits
     */
    CompletionStage<Receipt> publish(int kind, byte[] payload);

    /** {@link #publish(byte[])} of the text in UTF-8. */
    CompletionStage<Receipt> publish(String text);

    /**
     * Follows the channel from a cursor, every record of it. One subscription per channel and client at a time.
     *
     * @param handler called on the client's thread, first after the returned stage has completed
     * @return the subscription, once the server has opened it; fails with {@code ALREADY_OPEN} when there is one
     */
    CompletionStage<Subscription> subscribe(Cursor from, RecordHandler handler);

    /** {@link #subscribe(Cursor, RecordHandler)} of a reader that need not get every record. */
    CompletionStage<Subscription> subscribe(Cursor from, Delivery delivery, RecordHandler handler);

    /** What is said in the channel and not kept: who is writing, counters, how many are there. */
    Signals signals();

    /**
     * A page of history, ascending, that starts at a sequence.
     *
     * @param fromSequence the first sequence wanted, from 1
     * @param limit records at most, from 1; the server may answer with fewer
     * @return the page, or a failure as of {@link #fetchBackward}
     */
    CompletionStage<Page> fetchForward(long fromSequence, int limit);

    /**
     * A page of history, ascending, that ends at a sequence.
     *
     * @param fromSequence the last sequence wanted; 0 for the head
     * @param limit records at most, from 1; the server may answer with fewer
     * @return the page; fails with {@code HISTORY_RATE} when the server has refused every fetch of the channel for the client's {@code
     *     retryTimeout}
     */
    CompletionStage<Page> fetchBackward(long fromSequence, int limit);

    /** {@link #fetchForward}, with what has become of the posts on the page. */
    CompletionStage<Page> viewForward(long fromSequence, int limit);

    /** {@link #fetchBackward}, with what has become of the posts on the page. */
    CompletionStage<Page> viewBackward(long fromSequence, int limit);
}
