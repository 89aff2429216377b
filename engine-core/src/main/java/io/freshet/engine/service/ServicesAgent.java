package io.freshet.engine.service;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread on which the engine's own services run, so that none needs a lock. It may block for a read of the index. What it owns is touched by
 * {@link #doWork} only; the rest is any thread's.
 *
 * <p>Calls that clients ask for wait in a queue that refuses them when it is full. What must arrive (the end of a session, the answer to a question of a service)
 * waits in one that grows; it is bounded by what may be asked: an end and a beginning for a session, one answer for a question.
 */
public final class ServicesAgent implements Agent {
    private static final Logger LOG = LoggerFactory.getLogger(ServicesAgent.class);
    private static final int TASKS_PER_CYCLE = 256;

    private final ManyToOneConcurrentArrayQueue<Runnable> calls;
    private final ManyToOneConcurrentLinkedQueue<Runnable> events = new ManyToOneConcurrentLinkedQueue<>();
    private final List<Tick> ticks = new ArrayList<>();
    private final List<Consumer<Caller>> beginListeners = new ArrayList<>();
    private final List<Runnable> endings = new ArrayList<>();
    private final NanoClock clock;
    private final Runnable wakeup;
    private final AtomicLong failureCount = new AtomicLong();
    private long nowNs;

    /** Something that is done again and again. */
    private static final class Tick {
        final long intervalNs;
        final Runnable task;
        long dueNs;

        Tick(long intervalNs, long dueNs, Runnable task) {
            this.intervalNs = intervalNs;
            this.dueNs = dueNs;
            this.task = task;
        }
    }

    /**
     * One that nothing waits for yet.
     *
     * @param capacity calls that may wait
     * @param wakeup makes this agent's thread run its duty cycle; cheap when it runs already
     */
    public ServicesAgent(int capacity, NanoClock clock, Runnable wakeup) {
        calls = new ManyToOneConcurrentArrayQueue<>(capacity);
        this.clock = clock;
        this.wakeup = wakeup;
        nowNs = clock.nanoTime();
    }

    /** Hands in a call; false when too many wait. Any thread. */
    public boolean offer(Runnable call) {
        boolean isAccepted = calls.offer(call);
        if (isAccepted) {
            wakeup.run();
        }
        return isAccepted;
    }

    /** Hands in what must arrive. Any thread. */
    void execute(Runnable event) {
        events.offer(event);
        wakeup.run();
    }

    /** Has a task run again and again; before it runs, or on its thread. */
    void every(long intervalNs, Runnable task) {
        ticks.add(new Tick(intervalNs, nowNs + intervalNs, task));
    }

    /** Has sessions told that begin; before it runs. */
    void onBegin(Consumer<Caller> listener) {
        beginListeners.add(listener);
    }

    /** Has a task run when it ends; before it runs. */
    void onEnd(Runnable task) {
        endings.add(task);
    }

    /** Whether somebody wants to know of sessions that begin. Any thread. */
    public boolean isToldOfSessions() {
        return !beginListeners.isEmpty();
    }

    /** A session has begun. Any thread. */
    public void began(Caller caller) {
        execute(() -> beginListeners.forEach(listener -> listener.accept(caller)));
    }

    /** A session that tasks wait for has ended. Any thread. */
    public void ended(List<Runnable> tasks) {
        execute(() -> tasks.forEach(this::run));
    }

    @Override
    public int doWork() {
        nowNs = clock.nanoTime();
        int workCount = drainEvents();
        for (int i = 0; i < TASKS_PER_CYCLE; i++) {
            Runnable call = calls.poll();
            if (call == null) {
                break;
            }
            run(call);
            workCount++;
        }
        for (int i = 0; i < ticks.size(); i++) {
            Tick tick = ticks.get(i);
            if (nowNs - tick.dueNs >= 0) {
                tick.dueNs = nowNs + tick.intervalNs;
                run(tick.task);
                workCount++;
            }
        }
        return workCount;
    }

    private int drainEvents() {
        int count = 0;
        Runnable event;
        while (count < TASKS_PER_CYCLE && (event = events.poll()) != null) {
            run(event);
            count++;
        }
        return count;
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            failureCount.incrementAndGet();
            LOG.error("a task of the engine's own services failed", e);
        }
    }

    /** The time of the present duty cycle. Its own thread. */
    long nowNs() {
        return nowNs;
    }

    /** Calls that wait. Any thread. */
    public int waitingCount() {
        return calls.size();
    }

    /** Whether a call or an event waits. Any thread. */
    public boolean hasTasks() {
        return !calls.isEmpty() || !events.isEmpty();
    }

    /** Tasks that have thrown. Any thread. */
    public long failureCount() {
        return failureCount.get();
    }

    @Override
    public void onClose() {
        drainAll();
        endings.forEach(this::run);
        drainAll();
    }

    /** What must arrive does, also what comes of it. */
    private void drainAll() {
        int count;
        do {
            count = drainEvents();
        } while (count > 0);
    }

    @Override
    public String roleName() {
        return "freshet-services";
    }
}
