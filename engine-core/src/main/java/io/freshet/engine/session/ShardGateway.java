package io.freshet.engine.session;

import io.freshet.engine.routing.Attachment;
import io.freshet.engine.routing.EventCommand;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.Publisher;
import io.freshet.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A shard as one reactor's sessions see it: on the same reactor, or behind a mailbox. Called on the session's reactor, and
 * calls back there.
 */
public interface ShardGateway {
    /** Gives a session the use of a channel, which may be there only once it has attributes. */
    void attach(
            long channel,
            long sender,
            int instance,
            boolean isSubscriber,
            boolean needsAttributes,
            Publisher publisher,
            Attachment.Listener listener);

    void detach(Producer producer);

    /** The channel's committed head, now. */
    void head(Producer producer, LongConsumer answer);

    /**
     * Hands over one canonical record frame; <em>borrows</em> the buffer.
     *
     * @return null when it was taken, and then what becomes of it the publisher is told, perhaps before this returns; otherwise why it was
     *     not
     */
    @Nullable
    ErrorCode publish(Producer producer, ByteBuf in, int frameIndex, int frameLength);

    /**
     * The same of an event that the shard decides on, behind everything given before; <em>borrows</em> the buffer.
     *
     * @param answer told what was decided, perhaps before this returns; not when a refusal is returned
     * @return why it was not taken; null when it was
     */
    @Nullable
    ErrorCode publish(
            Producer producer,
            ByteBuf in,
            int frameIndex,
            int frameLength,
            EventCommand command,
            EventCommand.Answer answer);

    /** Whether there is no room for more publishes: who gave one is not to be read from until there is. */
    boolean isFull();

    /**
     * The last sequence given in the channel, once everything asked of the shard before has been done; 0 when it is not known,
     * since the channel's state could not be read. Nothing needs to be attached.
     */
    void lastSequence(long channel, LongConsumer answer);

    /** This reactor needs no batches of the channel any more. */
    void removeInterest(long channel);
}
