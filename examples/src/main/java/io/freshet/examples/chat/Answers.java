package io.freshet.examples.chat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What was asked of the server and is not answered yet. Any thread asks. */
final class Answers {
    private CompletableFuture<?> all = CompletableFuture.completedFuture(null);

    /** Has somebody told of an answer, or of the failure, on the client's thread. */
    synchronized <T> void await(CompletionStage<T> asked, BiConsumer<@Nullable T, @Nullable Throwable> told) {
        CompletableFuture<?> answered = asked.toCompletableFuture().handle((answer, failure) -> {
            told.accept(answer, failure);
            return null;
        });
        all = all.isDone() ? answered : CompletableFuture.allOf(all, answered);
    }

    /** Completes when whatever was asked for so far is answered, and told. */
    synchronized CompletionStage<?> all() {
        return all;
    }
}
