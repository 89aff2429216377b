package io.freshet.client;

import io.freshet.protocol.FreshetException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What a service is asked on each session, and again while the session lasts and the server does not say no. Client's thread. */
final class SessionQuestions {
    private static final long LEAST_PAUSE_MS = 1_000;

    private final ClientCore core;
    private int sessionCount;

    SessionQuestions(ClientCore core) {
        this.core = core;
    }

    /** A session begins, or nothing is to be asked any more: what was asked before is not asked again. */
    void begin() {
        sessionCount++;
    }

    /** The sessions that have begun. */
    int sessionCount() {
        return sessionCount;
    }

    /** Asks on the present session; {@code onRefusal} is run when the server says no. */
    void ask(Supplier<CompletionStage<?>> question, Runnable onRefusal) {
        ask(sessionCount, question, onRefusal);
    }

    private void ask(int session, Supplier<CompletionStage<?>> question, Runnable onRefusal) {
        CompletionStage<?> unused = question.get().whenComplete((answer, failure) -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (session != sessionCount || !(cause instanceof FreshetException refused)) {
                return;
            }
            if (refused.isRetryable() || refused.isOutcomeUnknown()) {
                long pauseMs = Math.max(LEAST_PAUSE_MS, refused.retryAfterMs());
                core.schedule(() -> askAgain(session, question, onRefusal), TimeUnit.MILLISECONDS.toNanos(pauseMs));
            } else {
                onRefusal.run();
            }
        });
    }

    private void askAgain(int session, Supplier<CompletionStage<?>> question, Runnable onRefusal) {
        if (session == sessionCount) {
            ask(session, question, onRefusal);
        }
    }
}
