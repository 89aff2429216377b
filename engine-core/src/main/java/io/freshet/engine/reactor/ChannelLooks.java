package io.freshet.engine.reactor;

import io.freshet.engine.channel.ChannelService;
import io.freshet.engine.channel.KnownChannel;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/** Asks the shards of a group what their channels are. Any thread, which may have to wait for room in a mailbox. */
public final class ChannelLooks implements ChannelService.ShardLooks {
    private final ReactorGroup group;

    public ChannelLooks(ReactorGroup group) {
        this.group = group;
    }

    /** What a channel's shard knows of it; the stage completes on a reactor's thread. */
    @Override
    public CompletionStage<KnownChannel> look(long channel) {
        CompletableFuture<KnownChannel> answer = new CompletableFuture<>();
        try {
            group.onShard(channel, shard -> shard.look(channel, answer::complete, answer::completeExceptionally));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new FreshetException(ErrorCode.SHUTTING_DOWN, "a reactor has ended"));
        }
        return answer;
    }
}
