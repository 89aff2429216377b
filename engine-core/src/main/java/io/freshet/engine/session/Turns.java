package io.freshet.engine.session;

import io.freshet.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Takes questions to an executor, so many at a time for one asker. Its others wait here in their order, and each goes behind what
 * everybody else has asked meanwhile: so an asker whose questions take long, or for ever, holds no more threads than that. Any thread.
 */
final class Turns {
    /** Questions of one asker that may wait: as many as the engine's own executors keep, since a crowd may come from one address. */
    static final int WAITING_LIMIT = 64 * 1024;

    private final Executor executor;
    private final int limit;
    private final ConcurrentHashMap<Long, Line> lines = new ConcurrentHashMap<>();

    /** What became of a question that was handed in. */
    enum Outcome {
        /** The executor has it. */
        ASKED,
        /** It waits for others of its asker. */
        WAITING,
        /** Too many of its asker wait; nothing becomes of it. */
        TOO_MANY,
        /** The executor takes no more; nothing becomes of it. */
        OVERLOADED
    }

    /** Something to find out on the executor. */
    interface Question {
        void ask();

        /** It has waited for its turn, and cannot be asked. May wait for room in the mailbox of its reactor. */
        void refuse(ErrorCode code);
    }

    /** The questions of one asker; changed within the table's own update of its entry only. */
    private static final class Line {
        private final ArrayDeque<Question> waiting = new ArrayDeque<>();
        private int underWayCount;
    }

    /** @param limit questions of one asker that the executor has at a time */
    Turns(Executor executor, int limit) {
        this.executor = executor;
        this.limit = limit;
    }

    /** Hands in a question, which is asked or refused once if it is {@code ASKED} or {@code WAITING}. */
    Outcome take(long asker, Question question) {
        Outcome[] outcome = {Outcome.TOO_MANY};
        lines.compute(asker, (same, known) -> {
            Line line = known == null ? new Line() : known;
            if (line.underWayCount < limit) {
                line.underWayCount++;
                outcome[0] = Outcome.ASKED;
            } else if (line.waiting.size() < WAITING_LIMIT) {
                line.waiting.addLast(question);
                outcome[0] = Outcome.WAITING;
            }
            return line;
        });
        if (outcome[0] == Outcome.ASKED && !execute(asker, question)) {
            giveBack(asker);
            return Outcome.OVERLOADED;
        }
        return outcome[0];
    }

    private boolean execute(long asker, Question question) {
        try {
            executor.execute(() -> {
                try {
                    question.ask();
                } finally {
                    next(asker);
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /**
     * A turn was not used. What another reactor may have put behind it meanwhile goes with the asker's next question, or runs out of time:
     * a reactor must not wait for room to refuse it.
     */
    private void giveBack(long asker) {
        lines.computeIfPresent(asker, (same, line) -> {
            line.underWayCount--;
            return line.underWayCount == 0 && line.waiting.isEmpty() ? null : line;
        });
    }

    /** A question is over: the turn goes to the next of its asker. On the executor, where to refuse may wait for room. */
    private void next(long asker) {
        Question next = takeOver(asker);
        while (next != null && !execute(asker, next)) {
            next.refuse(ErrorCode.OVERLOADED);
            next = takeOver(asker);
        }
    }

    private @Nullable Question takeOver(long asker) {
        @Nullable Question[] next = new @Nullable Question[1];
        lines.computeIfPresent(asker, (same, line) -> {
            next[0] = line.waiting.pollFirst();
            if (next[0] == null) {
                line.underWayCount--;
            }
            return line.underWayCount == 0 ? null : line;
        });
        return next[0];
    }

    /** Askers that have questions. */
    int askerCount() {
        return lines.size();
    }
}
