package io.freshet.engine.simulation;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Where authenticator and policy run: now and then it refuses a task, or takes longer than anybody waits. */
final class SimExecutor implements Executor, Actor {
    private static final long USUAL_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SLOW_NS = TimeUnit.MILLISECONDS.toNanos(800);
    private static final int SLOW_ONE_IN = 30;

    private final SplittableRandom random;
    private final Agenda agenda;
    private final int refusesOneIn;
    private final BooleanSupplier mayBlock;
    private final ArrayDeque<Runnable> due = new ArrayDeque<>();
    private boolean isCalm;
    private boolean isTurn;

    /** @param mayBlock whether a task would have to wait for room in a reactor's mailbox */
    SimExecutor(SplittableRandom random, Agenda agenda, int refusesOneIn, BooleanSupplier mayBlock) {
        this.random = random;
        this.agenda = agenda;
        this.refusesOneIn = refusesOneIn;
        this.mayBlock = mayBlock;
    }

    void calm() {
        isCalm = true;
    }

    @Override
    public void execute(Runnable task) {
        // What follows within a turn is taken: to be refused it would wait for room, which nobody makes meanwhile.
        if (!isCalm && !isTurn && random.nextInt(refusesOneIn) == 0) {
            throw new RejectedExecutionException("the seed says no");
        }
        boolean isSlow = !isCalm && random.nextInt(SLOW_ONE_IN) == 0;
        agenda.after(random.nextLong(isSlow ? SLOW_NS : USUAL_NS), () -> due.addLast(task));
    }

    @Override
    public String name() {
        return "executor";
    }

    @Override
    public boolean isRunnable() {
        return !due.isEmpty() && !mayBlock.getAsBoolean();
    }

    @Override
    public void run() {
        isTurn = true;
        try {
            due.removeFirst().run();
        } finally {
            isTurn = false;
        }
    }
}
