package io.freshet.engine;

import io.freshet.engine.notice.Audience;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Asks the application's policy who may see a channel, where its answers to an OPEN come from too. */
final class PolicyAudience implements Audience {
    private static final long[] NOBODY = {};

    private final AccessPolicy policy;
    private final Executor executor;
    private final long timeoutMs;

    PolicyAudience(AccessPolicy policy, Executor executor, Duration timeout) {
        this.policy = policy;
        this.executor = executor;
        timeoutMs = timeout.toMillis();
    }

    @Override
    public CompletionStage<Boolean> maySee(long user, String channel) {
        try {
            return CompletableFuture.supplyAsync(
                            () -> policy.accessOf(user, channel).maySubscribe(), executor)
                    .completeOnTimeout(false, timeoutMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(false);
        }
    }

    @Override
    public long[] members(long channel) {
        return NOBODY;
    }
}
