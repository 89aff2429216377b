package io.freshet.engine.routing;

import io.freshet.engine.ChannelRight;
import io.freshet.engine.chat.ChatEvent;
import io.freshet.engine.chat.Resolution;
import io.freshet.protocol.ErrorCode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a shard needs to decide on an event that is not plain.
 *
 * @param event as its sender wrote it
 * @param found what was looked up of its target, used up by the decision; null when it names none
 * @param mentioned users whom it mentions, of whom the application has been asked
 * @param rights what the sender may do in the channel
 * @param refusal why it is not to be admitted whatever its target is; null when nothing is against it. It is the shard that says so, since a repeat
 *     of what was admitted before is answered with its sequence
 */
public record EventCommand(
        ChatEvent event,
        @Nullable Resolution found,
        Set<Long> mentioned,
        Set<ChannelRight> rights,
        @Nullable ErrorCode refusal) {

    /** Told on the session's reactor what the shard has decided. */
    @FunctionalInterface
    public interface Answer {
        /**
         * Once for each command.
         *
         * @param refusal null when it was admitted, or is a repeat; then the publisher is told what becomes of it
         * @param retryAfterMs when to come again after a refusal; 0 where the code alone says it
         */
        void onDecided(@Nullable ErrorCode refusal, int retryAfterMs);
    }
}
