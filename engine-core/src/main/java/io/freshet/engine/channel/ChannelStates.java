package io.freshet.engine.channel;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How channels' shards are asked what their channels are. Any thread. */
public interface ChannelStates {
    /** What the channel is now; the stage completes on any thread. */
    CompletionStage<KnownChannel> look(long channel);

    /**
     * Tells what the channel is, now and whenever that has changed, until the watch is ended. While it is watched its state stays in memory.
     *
     * @param changed called on any one thread with what it is; with null once it is over or its state cannot be read: then nothing more
     *     comes
     */
    Watch watch(long channel, Consumer<@Nullable KnownAttributes> changed);

    /** A channel that is watched. */
    @FunctionalInterface
    interface Watch {
        /** Ends it; what is on its way may still come. Idempotent. */
        void end();
    }
}
