package io.freshet.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.engine.session.Turns.Outcome;
import io.freshet.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

final class TurnsTest {
    private static final int LIMIT = 2;
    private static final long ANN = 7;
    private static final long BOB = 8;

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();
    private int capacity = Integer.MAX_VALUE;
    private final Turns turns = new Turns(this::execute, LIMIT);

    private void execute(Runnable task) {
        if (tasks.size() >= capacity) {
            throw new RejectedExecutionException("full");
        }
        tasks.add(task);
    }

    private Outcome take(long asker, String name) {
        return turns.take(asker, new Turns.Question() {
            @Override
            public void ask() {
                done.add(name);
                if (name.equals("bad")) {
                    throw new IllegalStateException("planted");
                }
            }

            @Override
            public void refuse(ErrorCode code) {
                done.add(name + " " + code);
            }
        });
    }

    private void runOne() {
        tasks.remove().run();
    }

    @Test
    void shouldLetNobodyWaitForTheQuestionsOfAnother() {
        assertEquals(Outcome.ASKED, take(ANN, "a1"));
        assertEquals(Outcome.ASKED, take(ANN, "a2"));
        assertEquals(Outcome.WAITING, take(ANN, "a3"));
        assertEquals(Outcome.WAITING, take(ANN, "a4"));
        assertEquals(Outcome.ASKED, take(BOB, "b1"));
        assertEquals(3, tasks.size());

        while (!tasks.isEmpty()) {
            runOne();
        }
        assertEquals(List.of("a1", "a2", "b1", "a3", "a4"), done);
        assertEquals(0, turns.askerCount());
    }

    @Test
    void shouldGiveTheTurnOnWhenAQuestionFails() {
        take(ANN, "bad");
        take(ANN, "a2");
        take(ANN, "a3");
        assertThrows(IllegalStateException.class, this::runOne);
        runOne();
        runOne();
        assertEquals(List.of("bad", "a2", "a3"), done);
        assertEquals(0, turns.askerCount());
    }

    @Test
    void shouldRefuseWhatWaitsWhenTheExecutorTakesNoMore() {
        take(ANN, "a1");
        take(ANN, "a2");
        take(ANN, "a3");
        take(ANN, "a4");
        take(ANN, "a5");
        capacity = 0;
        assertEquals(Outcome.OVERLOADED, take(BOB, "b1"));
        runOne();
        assertEquals(List.of("a1", "a3 OVERLOADED", "a4 OVERLOADED", "a5 OVERLOADED"), done);
        capacity = 2;
        assertEquals(Outcome.ASKED, take(ANN, "a6"));
        runOne();
        runOne();
        assertEquals("a6", done.get(done.size() - 1));
        assertEquals(0, turns.askerCount());
    }

    @Test
    void shouldBoundWhatWaits() {
        for (int i = 0; i < LIMIT + Turns.WAITING_LIMIT; i++) {
            take(ANN, "a");
        }
        assertEquals(Outcome.TOO_MANY, take(ANN, "one more"));
        runOne();
        assertEquals(Outcome.WAITING, take(ANN, "now"));
    }
}
