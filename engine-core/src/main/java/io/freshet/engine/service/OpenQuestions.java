package io.freshet.engine.service;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Questions under way about what principals may do, so that nobody goes by an answer from before a revocation. Those of others do not
 * count. Services' thread.
 */
final class OpenQuestions {
    /** Times that is asked while something is taken back each time. */
    private static final int ATTEMPTS = 3;

    private final Long2ObjectHashMap<List<Question>> byPrincipal = new Long2ObjectHashMap<>();

    private static final class Question {
        boolean isOutdated;
    }

    /** Something was taken back from a principal. */
    void revoked(long principal) {
        List<Question> open = byPrincipal.get(principal);
        if (open != null) {
            open.forEach(question -> question.isOutdated = true);
        }
    }

    /** See {@link ServiceHost#unrevoked}. */
    <A, T> CompletionStage<T> ask(
            List<Long> principals, Supplier<CompletionStage<A>> asking, Function<A, CompletionStage<T>> act) {
        return ask(principals, asking, act, ATTEMPTS);
    }

    private <A, T> CompletionStage<T> ask(
            List<Long> principals,
            Supplier<CompletionStage<A>> asking,
            Function<A, CompletionStage<T>> act,
            int attempts) {
        CompletionStage<A> answer = asking.get();
        Question question = new Question();
        principals.forEach(principal -> begin(principal, question));
        return answer.whenComplete((result, failure) -> principals.forEach(principal -> end(principal, question)))
                .thenCompose(result -> {
                    if (!question.isOutdated) {
                        return act.apply(result);
                    }
                    if (attempts > 1) {
                        return ask(principals, asking, act, attempts - 1);
                    }
                    throw FreshetException.refused(
                            ErrorCode.POLICY_UNAVAILABLE, "rights were taken back while the policy was asked", 0);
                });
    }

    private void begin(long principal, Question question) {
        byPrincipal.computeIfAbsent(principal, id -> new ArrayList<>(1)).add(question);
    }

    private void end(long principal, Question question) {
        List<Question> open = byPrincipal.get(principal);
        open.remove(question);
        if (open.isEmpty()) {
            byPrincipal.remove(principal);
        }
    }
}
