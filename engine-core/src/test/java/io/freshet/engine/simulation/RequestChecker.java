package io.freshet.engine.simulation;

import com.google.protobuf.MessageLite;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Pong;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What clients ask of services: a service is called once at most for a request, and not at all for one that is said not to have been processed; an answer is to what was
 * asked, by a service that was called. (That an answer comes once on a session is for {@link SessionChecker} to see, that each stage completes for {@link Futures}.)
 */
final class RequestChecker {
    /** Codes after which nobody knows whether the service was called. */
    private static final Set<ErrorCode> OPEN =
            Set.of(ErrorCode.REQUEST_FAILED, ErrorCode.OUTCOME_UNKNOWN, ErrorCode.CLIENT_CLOSED);

    private enum Outcome {
        ASKED,
        ANSWERED,
        UNKNOWN,
        REFUSED
    }

    private final Verdict verdict;
    private final Map<Long, Outcome> outcomes = new HashMap<>();
    private final Map<Long, Integer> calls = new HashMap<>();
    private long answeredCount;
    private long pushedCount;

    RequestChecker(Verdict verdict) {
        this.verdict = verdict;
    }

    /** A client asks for something that nobody has asked for before. */
    void asked(long token) {
        outcomes.put(token, Outcome.ASKED);
    }

    /** A service is called. */
    void called(long token) {
        int count = calls.merge(token, 1, Integer::sum);
        verdict.check(count == 1, () -> "request " + token + " is served " + count + " times");
        Outcome outcome = outcomes.get(token);
        verdict.check(
                outcome != null && outcome != Outcome.REFUSED,
                () -> "request " + token + " is served, and was " + outcome);
    }

    /** A client's stage has completed. */
    void completed(long token, @Nullable MessageLite answer, @Nullable Throwable failure) {
        verdict.check(outcomes.get(token) == Outcome.ASKED, () -> "request " + token + " completed twice");
        if (answer instanceof Pong pong) {
            answeredCount++;
            outcomes.put(token, Outcome.ANSWERED);
            verdict.check(pong.getToken() == token, () -> "request " + token + " has the answer " + pong);
            verdict.check(calls.containsKey(token), () -> "request " + token + " was answered by nobody");
            return;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (!(cause instanceof FreshetException known)) {
            verdict.fail("request " + token + " failed with " + failure);
            return;
        }
        verdict.check(
                known.code() != ErrorCode.LIMIT_REACHED,
                () -> "a client has more requests without an answer than it may");
        boolean isOpen = OPEN.contains(known.code());
        outcomes.put(token, isOpen ? Outcome.UNKNOWN : Outcome.REFUSED);
        verdict.check(
                isOpen || !calls.containsKey(token),
                () -> "request " + token + " was served, and is said not to be: " + known.code());
    }

    /** A client was pushed something, the last of its session before being {@code last}. */
    void pushed(String client, long last, long token) {
        pushedCount++;
        verdict.check(token == last + 1, () -> client + " was pushed " + token + " behind " + last);
    }

    long answeredCount() {
        return answeredCount;
    }

    long pushedCount() {
        return pushedCount;
    }
}
