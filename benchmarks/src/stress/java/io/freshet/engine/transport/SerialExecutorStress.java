package io.freshet.engine.transport;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link SerialExecutor}, on an executor that runs everything on the thread that asks. Proved: each task runs once, one at a time, and
 * sees without locks what the one before it wrote; within a task {@link SerialExecutor#isTurn} is true.
 */
@JCStressTest
@Outcome(id = "4, 4", expect = ACCEPTABLE, desc = "All four, one after the other, each in its turn.")
@Outcome(expect = FORBIDDEN, desc = "A task was lost, or two ran at a time.")
@State
public class SerialExecutorStress {
    private static final ScheduledExecutorService TIMER = Executors.newScheduledThreadPool(0);

    private final SerialExecutor executor = new SerialExecutor(Runnable::run, TIMER);
    private int count;
    private int inTurnCount;

    private void count() {
        count++;
        inTurnCount += executor.isTurn() ? 1 : 0;
    }

    @Actor
    public void one() {
        executor.execute(this::count);
        executor.execute(this::count);
    }

    @Actor
    public void other() {
        executor.execute(this::count);
        executor.execute(this::count);
    }

    @Arbiter
    public void total(II_Result r) {
        r.r1 = count;
        r.r2 = inTurnCount;
    }
}
