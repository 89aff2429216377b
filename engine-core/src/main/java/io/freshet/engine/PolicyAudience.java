package io.freshet.engine;

import io.freshet.engine.notice.Audience;
import io.freshet.engine.service.ServiceHost;
import io.freshet.protocol.FreshetException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Asks who may see a channel where the answers to services come from too. */
final class PolicyAudience implements Audience {
    private final ServiceHost.Rights rights;
    private final long timeoutMs;

    PolicyAudience(ServiceHost.Rights rights, Duration timeout) {
        this.rights = rights;
        timeoutMs = timeout.toMillis();
    }

    @Override
    public CompletionStage<Boolean> maySee(long user, String channel) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        rights.ask(user, new Principal(user, ""), channel, answer::isDone, (access, failure) -> {
            if (failure == null) {
                answer.complete(access.maySubscribe());
            } else {
                answer.completeExceptionally(
                        FreshetException.refused(failure, "whether a user may see a channel: " + failure, 0));
            }
        });
        return answer.orTimeout(timeoutMs, TimeUnit.MILLISECONDS);
    }
}
