package io.freshet.engine.reactor;

import io.freshet.engine.channel.ChannelService;
import io.freshet.engine.channel.KnownChannel;
import io.freshet.engine.service.ServiceHost;
import io.freshet.engine.service.Services;
import io.freshet.log.Storage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/** Asks the shards of a group what their channels are. Any thread, which may have to wait for room in a mailbox. */
public final class ChannelLooks {
    private final ReactorGroup group;

    public ChannelLooks(ReactorGroup group) {
        this.group = group;
    }

    /** Offers the service that makes channels and changes them; while the engine starts. */
    public void offer(Services services, ServiceHost host, Storage storage) {
        ChannelService.offer(services, host, storage, this::look);
    }

    /** What a channel's shard knows of it; the stage completes on a reactor's thread. */
    private CompletionStage<KnownChannel> look(long channel) {
        CompletableFuture<KnownChannel> answer = new CompletableFuture<>();
        try {
            group.onShard(channel, shard -> shard.look(channel, answer::complete, answer::completeExceptionally));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new FreshetException(ErrorCode.SHUTTING_DOWN, "a reactor has ended"));
        }
        return answer;
    }
}
