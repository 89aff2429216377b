package io.freshet.engine.reactor;

import io.freshet.engine.Principal;
import io.freshet.engine.channel.ChannelStates;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.routing.Attachment;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.Publisher;
import io.freshet.engine.routing.Shard;
import io.freshet.protocol.ErrorCode;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Uses a channel without a session, only to be told what it is. State on the thread of the channel's shard. */
final class ShardWatch implements ChannelStates.Watch, Attachment.Listener, Publisher {
    private static final int NO_REACTOR = 0;

    /** Of one who never publishes. */
    private static final int NO_INSTANCE = 0;

    private final long channel;
    private final BiConsumer<Long, Consumer<Shard>> onShard;
    private final Consumer<@Nullable KnownAttributes> changed;
    private @Nullable Shard shard;
    private @Nullable Producer producer;
    private boolean isEnded;

    ShardWatch(long channel, BiConsumer<Long, Consumer<Shard>> onShard, Consumer<@Nullable KnownAttributes> changed) {
        this.channel = channel;
        this.onShard = onShard;
        this.changed = changed;
    }

    /** Begins; when the reactors have ended nothing ever comes. */
    void begin() {
        run(owner -> {
            shard = owner;
            // The reactor is of no meaning to one who does not subscribe.
            owner.attach(channel, new Attachment(NO_REACTOR, Principal.SYSTEM.id(), NO_INSTANCE, false, this, this));
        });
    }

    private void run(Consumer<Shard> task) {
        try {
            onShard.accept(channel, task);
        } catch (RejectedExecutionException e) {
            // The shard has let go of everything.
            return;
        }
    }

    @Override
    public void onAttached(
            Producer ticket, int epoch, long head, long first, int nonceCounter, @Nullable KnownAttributes attributes) {
        producer = ticket;
        if (isEnded) {
            detach();
            return;
        }
        ticket.watch(changed);
        if (attributes != null) {
            changed.accept(attributes);
        }
    }

    @Override
    public void onAttachFailed(ErrorCode code) {
        over();
    }

    @Override
    public void onCommitted(long ofChannel, long firstNonce, int count, long firstSequence) {
        throw new IllegalStateException("nothing was published");
    }

    @Override
    public void onRefused(long ofChannel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
        throw new IllegalStateException("nothing was published");
    }

    @Override
    public void onEnded(long ofChannel) {
        detach();
        over();
    }

    private void over() {
        if (!isEnded) {
            isEnded = true;
            changed.accept(null);
        }
    }

    private void detach() {
        Producer held = producer;
        Shard owner = shard;
        if (held != null && owner != null) {
            held.unwatch(changed);
            owner.detach(held);
            producer = null;
        }
    }

    @Override
    public void end() {
        run(owner -> {
            isEnded = true;
            detach();
        });
    }
}
