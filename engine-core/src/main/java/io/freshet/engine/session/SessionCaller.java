package io.freshet.engine.session;

import io.freshet.engine.Principal;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Pushed;
import io.freshet.engine.service.ServicesAgent;
import io.freshet.protocol.FrameType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One session towards the services: any thread's way to it. What is pushed goes through the reactor's mailbox; so much may be on that way, and nothing is
 * taken while the connection has no room, until it has again.
 */
final class SessionCaller implements Caller {
    /** Bytes of pushes on their way to the reactor; one is always taken. */
    private static final long UNDER_WAY_LIMIT_BYTES = 64 * 1024;

    private static final int MAX_TASKS = 256;

    private final Session session;
    private final SessionEnvironment environment;
    private final long id;
    private final Principal principal;
    private final AtomicLong underWayBytes = new AtomicLong();
    private final Caller application = new OfApplication();
    /** Guarded by itself; of the engine's own services and of the application's. */
    private final List<Runnable> tasks = new ArrayList<>();

    private volatile boolean isStuck;
    private volatile boolean isEnded;
    private volatile boolean hasTasks;

    SessionCaller(Session session, SessionEnvironment environment, long id, Principal principal) {
        this.session = session;
        this.environment = environment;
        this.id = id;
        this.principal = principal;
    }

    @Override
    public Principal principal() {
        return principal;
    }

    @Override
    public long session() {
        return id;
    }

    @Override
    public boolean push(Pushed message) {
        if (isEnded || isStuck) {
            return refused();
        }
        int length = message.frame().getSerializedSize();
        long before = underWayBytes.getAndAdd(length);
        boolean isTooMuch = before > 0 && before + length > UNDER_WAY_LIMIT_BYTES;
        ReactorProxy reactor = environment.reactor();
        if (isTooMuch || !reactor.offerPush(() -> deliver(message, length))) {
            underWayBytes.addAndGet(-length);
            return refused();
        }
        return true;
    }

    private boolean refused() {
        environment.calls().services().refusedPush();
        return false;
    }

    /** Reactor's thread. */
    private void deliver(Pushed message, int length) {
        underWayBytes.addAndGet(-length);
        if (!session.isClosed()) {
            environment.counters().add(ReactorCounter.PUSHES, 1);
            session.send(FrameType.PUSH, message.frame());
            isStuck = !session.isWritable();
        }
    }

    /** The connection has room again. Reactor's thread. */
    void onWritable() {
        isStuck = false;
    }

    @Override
    public void onEnd(Runnable task) {
        add(task);
    }

    private void add(Runnable task) {
        synchronized (tasks) {
            if (!isEnded) {
                if (tasks.size() == MAX_TASKS) {
                    throw new IllegalStateException(MAX_TASKS + " tasks wait for the end of session " + id);
                }
                tasks.add(task);
                hasTasks = true;
                return;
            }
        }
        agent().ended(List.of(task));
    }

    private ServicesAgent agent() {
        return environment.calls().agent();
    }

    /** Whether a service waits for its end. */
    boolean isEngaged() {
        return hasTasks;
    }

    /** The session has ended. Reactor's thread, once. */
    void end() {
        List<Runnable> waiting;
        synchronized (tasks) {
            isEnded = true;
            waiting = List.copyOf(tasks);
            tasks.clear();
        }
        if (!waiting.isEmpty()) {
            agent().ended(waiting);
        }
    }

    /** As the application's services see it. */
    Caller ofApplication() {
        return application;
    }

    @Override
    public String toString() {
        return "session " + Long.toUnsignedString(id) + " of " + principal;
    }

    /** What waits for the end runs on the application's executor. */
    private final class OfApplication implements Caller {
        @Override
        public Principal principal() {
            return principal;
        }

        @Override
        public long session() {
            return id;
        }

        @Override
        public boolean push(Pushed message) {
            return SessionCaller.this.push(message);
        }

        @Override
        public void onEnd(Runnable task) {
            Executor executor = environment.calls().executor();
            add(() -> {
                try {
                    executor.execute(task);
                } catch (RejectedExecutionException e) {
                    environment.calls().services().lostEnding();
                }
            });
        }

        @Override
        public String toString() {
            return SessionCaller.this.toString();
        }
    }
}
