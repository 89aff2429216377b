package io.freshet.engine;

import io.freshet.engine.reactor.RevocationRounds;
import io.freshet.engine.session.Revocations;
import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.ChannelName;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Turns the names that the application revokes into rounds over the reactors. Any thread. */
final class Revoker {
    private final ChannelDirectory directory;
    private final RevocationRounds rounds;

    Revoker(ChannelDirectory directory, RevocationRounds rounds) {
        this.directory = directory;
        this.rounds = rounds;
    }

    /**
     * Takes back one channel. When there is none of the name, one may be about to be made by an OPEN that the policy has allowed
     * before: the first round sees to it that such an OPEN is decided anew or has made the channel, and then there is an id.
     */
    CompletionStage<Long> revoke(long principal, String channel) {
        check(principal);
        String violation = ChannelName.violation(channel);
        if (violation != null) {
            throw new IllegalArgumentException("channel: " + violation);
        }
        long id = directory.find(channel);
        if (id != ChannelDirectory.NO_CHANNEL) {
            return offReactor(rounds.begin(principal, id));
        }
        return offReactor(rounds.begin(principal, ChannelDirectory.NO_CHANNEL)).thenCompose(outdated -> {
            long made = directory.find(channel);
            return made == ChannelDirectory.NO_CHANNEL
                    ? CompletableFuture.completedStage(0L)
                    : offReactor(rounds.begin(principal, made));
        });
    }

    CompletionStage<Void> revoke(long principal) {
        check(principal);
        return offReactor(rounds.begin(principal, Revocations.EVERY_CHANNEL)).thenApply(sequence -> null);
    }

    private static void check(long principal) {
        if (principal == Principal.SYSTEM.id()) {
            throw new IllegalArgumentException("principal 0 is the engine itself, which has every right");
        }
    }

    /** What the application makes depend on it runs in the common pool: neither on a reactor nor behind a policy that is slow. */
    private static CompletionStage<Long> offReactor(CompletionStage<Long> stage) {
        return stage.handleAsync((sequence, failure) -> stage).thenCompose(settled -> settled);
    }
}
