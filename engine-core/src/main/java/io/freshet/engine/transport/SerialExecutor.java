package io.freshet.engine.transport;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time and in order, on whichever thread of an executor has a turn. What waits is bounded by those who
 * give it tasks: a connection's bytes under way and a client's own limits.
 */
final class SerialExecutor implements Executor {
    private static final int TASKS_PER_TURN = 256;
    private static final long RETRY_MS = 5;

    private final Executor executor;
    private final ScheduledExecutorService timer;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();

    private volatile @Nullable Thread runner;

    /** A turn that the executor has no room for is asked for again by the timer. */
    SerialExecutor(Executor executor, ScheduledExecutorService timer) {
        this.executor = executor;
        this.timer = timer;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (waitingCount.getAndIncrement() == 0) {
            takeTurn();
        }
    }

    private void takeTurn() {
        try {
            executor.execute(this::turn);
        } catch (RejectedExecutionException e) {
            if (!timer.isShutdown()) {
                Future<?> unused = timer.schedule(this::takeTurn, RETRY_MS, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Whether the calling thread is running a task of this executor. */
    boolean isTurn() {
        return runner == Thread.currentThread();
    }

    private void turn() {
        int count = 0;
        runner = Thread.currentThread();
        try {
            while (count < TASKS_PER_TURN) {
                Runnable task = tasks.poll();
                if (task == null) {
                    break;
                }
                count++;
                task.run();
            }
        } finally {
            runner = null;
            if (waitingCount.addAndGet(-count) > 0) {
                takeTurn();
            }
        }
    }
}
