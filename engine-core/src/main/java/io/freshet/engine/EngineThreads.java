package io.freshet.engine;

import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.reactor.Reactor;
import io.freshet.engine.service.ServicesAgent;
import io.freshet.engine.session.Admittance;
import io.freshet.engine.session.Gate;
import io.freshet.log.ChannelDirectory;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of one engine: a reactor each, the reader, the storage's agents, and where the application's code runs. */
final class EngineThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineThreads.class);

    /** Agents are woken when there is work; this is how soon they look again if they are not. */
    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final int EXECUTOR_THREADS = 4;
    private static final int EXECUTOR_CAPACITY = 64 * 1024;

    private final List<AgentRunner> reactors = new ArrayList<>();
    private final List<AgentRunner> workers = new ArrayList<>();
    private final Executor executor;
    private final Executor authenticatorExecutor;
    private final Executor policyExecutor;
    private final List<ExecutorService> ownExecutors = new ArrayList<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(named("freshet-timer"));
    private volatile @Nullable Thread readerThread;
    private volatile @Nullable Thread servicesThread;

    EngineThreads(@Nullable Executor applicationExecutor) {
        executor = applicationExecutor == null ? newExecutor("freshet-app") : applicationExecutor;
        authenticatorExecutor = applicationExecutor == null ? newExecutor("freshet-auth") : applicationExecutor;
        policyExecutor = applicationExecutor == null ? newExecutor("freshet-policy") : applicationExecutor;
    }

    private Executor newExecutor(String prefix) {
        ExecutorService made = new ThreadPoolExecutor(
                EXECUTOR_THREADS,
                EXECUTOR_THREADS,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(EXECUTOR_CAPACITY),
                named(prefix));
        ownExecutors.add(made);
        return made;
    }

    /** Where the application's callbacks run. */
    Executor executor() {
        return executor;
    }

    /**
     * Asks the application on these threads: the authenticator apart, so that a slow one holds up nobody who is in already, and the access policy, so that it
     * holds up no callback and nobody who only connects.
     */
    Gate gate(EngineConfig config, ChannelDirectory channels, Admittance admittance) {
        return new Gate(
                config.authenticator(),
                config.accessPolicy(),
                channels,
                authenticatorExecutor,
                policyExecutor,
                executor,
                config.limits().askedAtOnce(),
                admittance);
    }

    /** Hands tasks on later; it runs none of the application's. */
    ScheduledExecutorService timer() {
        return timer;
    }

    /** Starts a reactor; {@code claim} runs first on its thread. */
    void startReactor(Reactor reactor, Runnable claim) {
        reactors.add(start(reactor, NoOpIdleStrategy.INSTANCE, claim));
    }

    void startReader(ColdReader reader) {
        workers.add(start(reader, new SleepingIdleStrategy(IDLE_NS), () -> readerThread = Thread.currentThread()));
    }

    void startServices(ServicesAgent services) {
        workers.add(start(services, new SleepingIdleStrategy(IDLE_NS), () -> servicesThread = Thread.currentThread()));
    }

    void startWorker(Agent agent) {
        workers.add(start(agent, new SleepingIdleStrategy(IDLE_NS), () -> {}));
    }

    /** Waits a little on the calling thread when there was nothing to do. */
    static void idle(int workCount) {
        if (workCount == 0) {
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** Makes the reader look for requests at once. */
    void wakeReader() {
        LockSupport.unpark(readerThread);
    }

    /** Makes the services' agent look for calls at once. */
    void wakeServices() {
        LockSupport.unpark(servicesThread);
    }

    private static AgentRunner start(Agent agent, IdleStrategy idle, Runnable first) {
        AgentRunner runner = new AgentRunner(idle, failure -> onFailure(agent, failure), null, agent);
        AgentRunner.startOnThread(
                runner,
                task -> daemon(agent.roleName(), () -> {
                    first.run();
                    task.run();
                }));
        return runner;
    }

    /** An agent that ends itself by throwing an {@link AgentTerminationException} has not failed. */
    private static void onFailure(Agent agent, Throwable failure) {
        if (!(failure instanceof AgentTerminationException)) {
            LOG.error("{} failed", agent.roleName(), failure);
        }
    }

    private static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> daemon(prefix + "-" + count.getAndIncrement(), task);
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new FastThreadLocalThread(task, name); // or the allocator has no cache for it
        thread.setDaemon(true);
        return thread;
    }

    /** Waits for the reactors, which have been told to stop, then ends the other agents. */
    void endAgents() {
        reactors.forEach(AgentRunner::close);
        workers.forEach(AgentRunner::close);
    }

    /** Ends everything; {@link #endAgents} first, unless that has been done. */
    @Override
    public void close() {
        endAgents();
        timer.shutdownNow();
        ownExecutors.forEach(ExecutorService::shutdown);
    }
}
