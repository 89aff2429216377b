package io.freshet.engine.notice;

import io.freshet.engine.Principal;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.routing.Attachment;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.Publisher;
import io.freshet.engine.routing.Shard;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gives notices to the shards of their inboxes, without a session or a subscription for each. */
public final class ShardNotices implements NoticePublisher {
    private static final int NO_REACTOR = 0;

    private final BiConsumer<Long, Consumer<Shard>> onShard;
    private final int instance;

    /**
     * @param onShard runs something on the shard of a channel, on its owner's thread
     * @param instance numbers notices, another at each start
     */
    public ShardNotices(BiConsumer<Long, Consumer<Shard>> onShard, int instance) {
        this.onShard = onShard;
        this.instance = instance;
    }

    @Override
    public void publish(long inbox, List<byte[]> payloads, Outcome outcome) {
        try {
            onShard.accept(inbox, shard -> {
                Group group = new Group(shard, inbox, payloads, outcome);
                // The reactor is of no meaning to one who does not subscribe.
                shard.attach(inbox, new Attachment(NO_REACTOR, Principal.SYSTEM.id(), instance, false, group, group));
            });
        } catch (RejectedExecutionException e) {
            outcome.onDone(0, ErrorCode.SHUTTING_DOWN);
        }
    }

    /** What is published to one inbox at once. Belongs to the thread of the inbox's shard. */
    private final class Group implements Attachment.Listener, Publisher {
        private final Shard shard;
        private final long inbox;
        private final List<byte[]> payloads;
        private final Outcome outcome;
        private @Nullable Producer producer;
        private @Nullable ErrorCode refusal;
        private int admittedCount;
        private int committedCount;
        private int refusedCount;
        private boolean isHandedOn;

        Group(Shard shard, long inbox, List<byte[]> payloads, Outcome outcome) {
            this.shard = shard;
            this.inbox = inbox;
            this.payloads = payloads;
            this.outcome = outcome;
        }

        @Override
        public void onAttached(
                Producer ticket,
                int epoch,
                long head,
                long first,
                int nonceCounter,
                @Nullable KnownAttributes attributes) {
            producer = ticket;
            int counter = nonceCounter;
            for (byte[] payload : payloads) {
                long nonce = (long) instance << Integer.SIZE | Integer.toUnsignedLong(++counter);
                ByteBuf frame = Unpooled.buffer(RecordFrame.frameLength(payload.length));
                RecordFrame.writeHead(frame, EventKind.NOTICE.code(), inbox, 0, 0, 0, nonce, payload.length);
                frame.writeBytes(payload);
                ErrorCode refused = shard.publish(ticket, frame, 0, frame.readableBytes());
                if (refused != null) {
                    refusal = refused;
                    break;
                }
                admittedCount++;
            }
            isHandedOn = true;
            endOnceAnswered();
        }

        @Override
        public void onAttachFailed(ErrorCode code) {
            outcome.onDone(0, code);
        }

        @Override
        public void onCommitted(long channel, long firstNonce, int count, long sequence) {
            committedCount += count;
            endOnceAnswered();
        }

        @Override
        public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
            refusedCount += count;
            refusal = code;
            endOnceAnswered();
        }

        private void endOnceAnswered() {
            if (isHandedOn && committedCount + refusedCount == admittedCount && producer != null) {
                shard.detach(producer);
                producer = null;
                outcome.onDone(committedCount, refusal);
            }
        }
    }
}
