package io.freshet.engine.session;

import io.freshet.engine.Access;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.channel.KnownChannel;
import io.freshet.engine.routing.Shard;
import io.freshet.engine.service.ServiceHost;
import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.ErrorCode;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What is left of what the policy allows with a channel that nobody opens here: nothing, where the channel itself is deleted or has other members. Who
 * opens one is told so by its shard. Any thread.
 */
public final class Admittance {
    /** Where no channel has attributes. */
    static final Admittance OF_EVERYBODY = new Admittance((channel, action) -> {
        throw new RejectedExecutionException("there are no shards");
    });

    private final BiConsumer<Long, Consumer<Shard>> onShard;

    /** @param onShard runs something on the shard of a channel, on its owner's thread; the caller may have to wait for room in a mailbox */
    public Admittance(BiConsumer<Long, Consumer<Shard>> onShard) {
        this.onShard = onShard;
    }

    /** Answers with what is left, at once or on a reactor's thread. */
    void narrow(long principal, Gate.Decision decision, ServiceHost.Answer answer) {
        boolean isDecided = decision.refusal() != null
                || decision.channel() == ChannelDirectory.NO_CHANNEL
                || decision.access().equals(Access.NONE)
                || this == OF_EVERYBODY;
        if (isDecided) {
            answer.accept(decision.access(), decision.refusal());
            return;
        }
        try {
            onShard.accept(
                    decision.channel(),
                    shard -> shard.look(
                            decision.channel(),
                            known -> answer.accept(admits(known, principal) ? decision.access() : Access.NONE, null),
                            failure -> answer.accept(Access.NONE, ErrorCode.CHANNEL_UNAVAILABLE)));
        } catch (RejectedExecutionException e) {
            answer.accept(Access.NONE, ErrorCode.SHUTTING_DOWN);
        }
    }

    private static boolean admits(KnownChannel known, long principal) {
        KnownAttributes attributes = known.attributes();
        return attributes == null || attributes.admits(principal);
    }
}
