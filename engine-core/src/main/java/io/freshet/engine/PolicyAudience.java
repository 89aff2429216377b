package io.freshet.engine;

import io.freshet.engine.notice.Audience;
import io.freshet.engine.session.Gate;
import io.freshet.protocol.FreshetException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;

/** Asks who may see a channel where the answers to services come from too, and presence who is not to be disturbed. */
final class PolicyAudience implements Audience {
    private final Gate gate;
    private final LongPredicate undisturbed;
    private final long timeoutMs;

    /** @param undisturbed whether the user of this id is not to be disturbed; any thread */
    PolicyAudience(Gate gate, LongPredicate undisturbed, Duration timeout) {
        this.gate = gate;
        this.undisturbed = undisturbed;
        timeoutMs = timeout.toMillis();
    }

    @Override
    public CompletionStage<Boolean> maySee(long user, String channel) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        gate.access(user, new Principal(user, ""), channel, answer::isDone, (access, failure) -> {
            if (failure == null) {
                answer.complete(access.maySubscribe());
            } else {
                answer.completeExceptionally(
                        FreshetException.refused(failure, "whether a user may see a channel: " + failure, 0));
            }
        });
        return answer.orTimeout(timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public CompletionStage<List<Long>> roleMembers(long role, long author, String channel) {
        CompletableFuture<List<Long>> answer = new CompletableFuture<>();
        gate.roleMembers(role, author, channel, answer::isDone, (users, failure) -> {
            if (failure == null) {
                answer.complete(users);
            } else {
                answer.completeExceptionally(FreshetException.refused(failure, "who has a role: " + failure, 0));
            }
        });
        return answer.orTimeout(timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean isUndisturbed(long user) {
        return undisturbed.test(user);
    }
}
