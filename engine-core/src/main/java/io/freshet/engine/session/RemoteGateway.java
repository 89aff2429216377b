package io.freshet.engine.session;

import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.routing.Attachment;
import io.freshet.engine.routing.Batch;
import io.freshet.engine.routing.EventCommand;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.Publisher;
import io.freshet.engine.routing.Shard;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A shard of another reactor. Publishes of one cycle travel as one message; when the mailbox is full they stay here, and
 * the gateway is full until they have gone, as it is while too many bytes are here and under way; with twice as many it refuses
 * more. Everything else goes by the control lane. Owned by the sessions' reactor; the answers are made on the shard's.
 */
public final class RemoteGateway implements ShardGateway {
    private static final int FULL_LENGTH = 4 * Batch.MAX_LENGTH;

    private final Shard shard;
    private final int reactor;
    private final ReactorProxy owner;
    private final Mailbox.Deferred toOwner;
    private final Mailbox.Deferred fromOwner;
    private final ByteBufAllocator allocator;
    private final long limitBytes;
    /** Of publishes that the shard's reactor has not taken yet. */
    private final AtomicLong underWayBytes = new AtomicLong();

    private List<Producer> producers = new ArrayList<>();
    /** Events to be decided on, by their place among the publishes; null while there is none. */
    private @Nullable Int2ObjectHashMap<Decision> decisions;

    private @Nullable ByteBuf frames;

    /**
     * @param reactor index of the sessions' reactor
     * @param toOwner control messages of the sessions' reactor to the shard's
     * @param fromOwner control messages of the shard's reactor to the sessions'; used on the shard's thread only
     * @param limitBytes bytes of publishes, here and under way, above which who publishes is not to be read from
     */
    public RemoteGateway(
            Shard shard,
            int reactor,
            ReactorProxy owner,
            Mailbox.Deferred toOwner,
            Mailbox.Deferred fromOwner,
            ByteBufAllocator allocator,
            long limitBytes) {
        this.limitBytes = limitBytes;
        this.shard = shard;
        this.reactor = reactor;
        this.owner = owner;
        this.toOwner = toOwner;
        this.fromOwner = fromOwner;
        this.allocator = allocator;
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
        Attachment attachment = new Attachment(
                reactor,
                sender,
                instance,
                isSubscriber,
                needsAttributes,
                new RemotePublisher(fromOwner, publisher),
                new RemoteListener(fromOwner, listener));
        toOwner.send(() -> shard.attach(channel, attachment));
    }

    @Override
    public void detach(Producer producer) {
        toOwner.send(() -> shard.detach(producer));
    }

    @Override
    public void head(Producer producer, LongConsumer answer) {
        toOwner.send(() -> {
            long head = shard.committedHead(producer);
            fromOwner.send(() -> answer.accept(head));
        });
    }

    @Override
    public void lastSequence(long channel, LongConsumer answer) {
        toOwner.send(() -> shard.lastSequence(channel, sequence -> fromOwner.send(() -> answer.accept(sequence))));
    }

    private record Decision(EventCommand command, EventCommand.Answer answer) {}

    @Override
    public @Nullable ErrorCode publish(Producer producer, ByteBuf in, int frameIndex, int frameLength) {
        if (heldBytes() + frameLength > 2 * limitBytes) {
            return ErrorCode.OVERLOADED;
        }
        ByteBuf collected = frames;
        if (collected == null) {
            collected = allocator.directBuffer(frameLength);
            frames = collected;
        }
        collected.writeBytes(in, frameIndex, frameLength);
        producers.add(producer);
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
        ErrorCode refusal = publish(producer, in, frameIndex, frameLength);
        if (refusal == null) {
            if (decisions == null) {
                decisions = new Int2ObjectHashMap<>();
            }
            decisions.put(producers.size() - 1, new Decision(command, answer));
        }
        return refusal;
    }

    /** Sends what was collected, as far as there is room; once per duty cycle. Returns whether something was sent. */
    public boolean flush() {
        ByteBuf collected = frames;
        if (collected == null) {
            return false;
        }
        List<Producer> publishers = producers;
        Int2ObjectHashMap<Decision> decided = decisions;
        underWayBytes.addAndGet(collected.capacity());
        if (!owner.offerData(() -> publish(publishers, decided, collected))) {
            underWayBytes.addAndGet(-collected.capacity());
            return false;
        }
        frames = null;
        producers = new ArrayList<>();
        decisions = null;
        return true;
    }

    /** On the shard's reactor. */
    private void publish(List<Producer> publishers, @Nullable Int2ObjectHashMap<Decision> decided, ByteBuf collected) {
        try {
            int at = collected.readerIndex();
            for (int i = 0, n = publishers.size(); i < n; i++) {
                Producer producer = publishers.get(i);
                int frameLength = (int) FrameHeader.frameLength(collected, at);
                Decision decision = decided == null ? null : decided.get(i);
                if (decision != null) {
                    decide(producer, collected, at, frameLength, decision);
                } else {
                    ErrorCode refusal = shard.publish(producer, collected, at, frameLength);
                    if (refusal != null) {
                        shard.refuse(producer, RecordFrame.nonce(collected, at), refusal);
                    }
                }
                at += frameLength;
            }
        } finally {
            underWayBytes.addAndGet(-collected.capacity());
            collected.release();
        }
    }

    private void decide(Producer producer, ByteBuf collected, int at, int frameLength, Decision decision) {
        ErrorCode refusal = shard.publish(producer, collected, at, frameLength, decision.command);
        int retryAfterMs = shard.retryAfterMs();
        fromOwner.send(() -> decision.answer.onDecided(refusal, retryAfterMs));
    }

    @Override
    public boolean isFull() {
        return (frames != null && frames.readableBytes() >= FULL_LENGTH) || heldBytes() >= limitBytes;
    }

    /** Whether collected publishes have not gone yet, or so many are under way that sessions wait for them. */
    public boolean isBusy() {
        return frames != null || underWayBytes.get() >= limitBytes;
    }

    /** Bytes that publishes to this shard hold here and under way. */
    public long heldBytes() {
        return underWayBytes.get() + (frames == null ? 0 : frames.capacity());
    }

    @Override
    public void removeInterest(long channel) {
        toOwner.send(() -> shard.removeInterest(channel, reactor));
    }

    /** Drops what could not be sent, when the reactor ends. */
    public void close() {
        if (frames != null) {
            frames.release();
            frames = null;
        }
    }

    private record RemotePublisher(Mailbox.Deferred back, Publisher publisher) implements Publisher {
        @Override
        public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {
            back.send(() -> publisher.onCommitted(channel, firstNonce, count, firstSequence));
        }

        @Override
        public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
            back.send(() -> publisher.onRefused(channel, firstNonce, count, code, retryAfterMs));
        }

        @Override
        public void onEnded(long channel) {
            back.sendBehindData(() -> publisher.onEnded(channel)); // behind the record that says so
        }
    }

    private record RemoteListener(Mailbox.Deferred back, Attachment.Listener listener) implements Attachment.Listener {
        @Override
        public void onAttached(
                Producer producer,
                int epoch,
                long head,
                long first,
                int nonceCounter,
                @Nullable KnownAttributes attributes) {
            // Behind the batches that are under way to this reactor, so that its feed is not thrown ahead of them.
            back.sendBehindData(() -> listener.onAttached(producer, epoch, head, first, nonceCounter, attributes));
        }

        @Override
        public void onAttachFailed(ErrorCode code) {
            back.send(() -> listener.onAttachFailed(code));
        }
    }
}
