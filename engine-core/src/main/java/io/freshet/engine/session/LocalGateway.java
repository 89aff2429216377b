package io.freshet.engine.session;

import io.freshet.engine.routing.Attachment;
import io.freshet.engine.routing.EventCommand;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.Publisher;
import io.freshet.engine.routing.Shard;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A shard of the same reactor: a plain call. */
public final class LocalGateway implements ShardGateway {
    private final Shard shard;
    private final int reactor;

    public LocalGateway(Shard shard, int reactor) {
        this.shard = shard;
        this.reactor = reactor;
    }

    @Override
    public void attach(
            long channel,
            long sender,
            int instance,
            boolean isSubscriber,
            boolean needsAttributes,
            Publisher publisher,
            Attachment.Listener listener) {
        shard.attach(
                channel, new Attachment(reactor, sender, instance, isSubscriber, needsAttributes, publisher, listener));
    }

    @Override
    public void detach(Producer producer) {
        shard.detach(producer);
    }

    @Override
    public void head(Producer producer, LongConsumer answer) {
        answer.accept(shard.committedHead(producer));
    }

    @Override
    public void lastSequence(long channel, LongConsumer answer) {
        shard.lastSequence(channel, answer);
    }

    @Override
    public @Nullable ErrorCode publish(Producer producer, ByteBuf in, int frameIndex, int frameLength) {
        ErrorCode refusal = shard.publish(producer, in, frameIndex, frameLength);
        if (refusal != null) {
            shard.refuse(producer, RecordFrame.nonce(in, frameIndex), refusal);
        }
        return null;
    }

    @Override
    public @Nullable ErrorCode publish(
            Producer producer,
            ByteBuf in,
            int frameIndex,
            int frameLength,
            EventCommand command,
            EventCommand.Answer answer) {
        ErrorCode refusal = shard.publish(producer, in, frameIndex, frameLength, command);
        answer.onDecided(refusal, shard.retryAfterMs());
        return null;
    }

    @Override
    public boolean isFull() {
        return shard.isFull();
    }

    @Override
    public void removeInterest(long channel) {
        shard.removeInterest(channel, reactor);
    }
}
