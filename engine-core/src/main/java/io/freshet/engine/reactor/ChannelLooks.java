package io.freshet.engine.reactor;

import io.freshet.engine.channel.ChannelStates;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.channel.KnownChannel;
import io.freshet.engine.routing.Shard;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks the shards of a group what their channels are. Any thread, which may have to wait for room in a mailbox. */
public final class ChannelLooks implements ChannelStates {
    private final BiConsumer<Long, Consumer<Shard>> onShard;

    /** @param onShard runs something on the shard of a channel, on its owner's thread */
    public ChannelLooks(BiConsumer<Long, Consumer<Shard>> onShard) {
        this.onShard = onShard;
    }

    /** What a channel's shard knows of it; the stage completes on a reactor's thread. */
    @Override
    public CompletionStage<KnownChannel> look(long channel) {
        CompletableFuture<KnownChannel> answer = new CompletableFuture<>();
        try {
            onShard.accept(channel, shard -> shard.look(channel, answer::complete, answer::completeExceptionally));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new FreshetException(ErrorCode.SHUTTING_DOWN, "a reactor has ended"));
        }
        return answer;
    }

    @Override
    public Watch watch(long channel, Consumer<@Nullable KnownAttributes> changed) {
        ShardWatch watch = new ShardWatch(channel, onShard, changed);
        watch.begin();
        return watch;
    }
}
