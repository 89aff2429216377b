package io.freshet.client;

import java.util.concurrent.CompletionStage;

/** A cursor that follows a channel. Any thread may call it. */
public interface Subscription extends AutoCloseable {
    /** The channel as it was when the subscription was last opened. */
    ChannelState channel();

    /** Sequence of the record that will be delivered next. */
    long nextSequence();

    /**
     * Ends the subscription. Nothing is delivered once this was called on the client's thread or its stage has
     * completed; {@link RecordHandler#onEnd} is not called. Idempotent.
     */
    CompletionStage<Void> closeAsync();

    /** {@link #closeAsync}, and waits for it, except on the client's own thread. */
    @Override
    void close();
}
