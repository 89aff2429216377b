package io.freshet.engine.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * {@link Turns} of one asker that may have one question under way, while one ends and another comes. Proved: each question is asked once, never two at a time, and
 * when the last is over nothing is left of the asker.
 */
@JCStressTest
@Outcome(id = "2, 1, 0", expect = ACCEPTABLE, desc = "Each was asked once, one after the other.")
@Outcome(expect = FORBIDDEN, desc = "One was asked twice, or waits for ever, or two were asked at a time.")
@State
public class TurnsStress {
    private final Queue<Runnable> executor = new ConcurrentLinkedQueue<>();
    private final Turns turns = new Turns(executor::add, 1);
    private final ArrayDeque<Runnable> taken = new ArrayDeque<>();
    private int askedCount;
    private int mostAtOnce;

    public TurnsStress() {
        ask();
    }

    private void ask() {
        turns.take(1, new Turns.Question() {
            @Override
            public void ask() {
                askedCount++;
            }

            @Override
            public void refuse(ErrorCode code) {
                throw new IllegalStateException("refused: " + code);
            }
        });
    }

    @Actor
    public void asking() {
        ask();
    }

    @Actor
    public void executing() {
        executor.remove().run();
    }

    @Arbiter
    public void later(III_Result r) {
        do {
            taken.clear();
            for (Runnable next = executor.poll(); next != null; next = executor.poll()) {
                taken.add(next);
            }
            mostAtOnce = Math.max(mostAtOnce, taken.size());
            taken.forEach(Runnable::run);
        } while (!taken.isEmpty());
        r.r1 = askedCount;
        r.r2 = mostAtOnce;
        r.r3 = turns.askerCount();
    }
}
