package io.freshet.client;

import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.ConnectException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A client's thread, clock and network in the hands of a test: nothing happens before {@link #run} or {@link #advance}.
 * Connections are made to a {@link ScriptedServer}.
 */
final class ManualTransport implements ClientTransport {
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
    final List<ScriptedServer> connections = new ArrayList<>();
    /** Virtual times at which the client has tried to connect. */
    final List<Long> attemptsNs = new ArrayList<>();

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(
            Comparator.<Timer>comparingLong(timer -> timer.dueNs).thenComparingLong(timer -> timer.number));
    private long nowNs = 1_000_000_000L;
    private long timerCount;
    private boolean isReachable = true;
    private boolean isSilent;
    private boolean isClosed;
    private boolean isRunning;
    private @Nullable Attempt pending;

    /** Whether attempts succeed. */
    void reachable(boolean reachable) {
        isReachable = reachable;
    }

    /** Whether attempts are left without an answer. */
    void silent(boolean silent) {
        isSilent = silent;
    }

    boolean isClosed() {
        return isClosed;
    }

    int timerCount() {
        return timers.size();
    }

    /** The attempt that was left without an answer. */
    @Nullable
    Attempt pending() {
        return pending;
    }

    /** The newest connection. */
    ScriptedServer server() {
        return connections.get(connections.size() - 1);
    }

    @Override
    public void connect(Attempt attempt) {
        attemptsNs.add(nowNs);
        if (isSilent) {
            pending = attempt;
        } else if (isReachable) {
            tasks.add(() -> accept(attempt));
        } else {
            tasks.add(() -> attempt.onFailed(new ConnectException("Connection refused")));
        }
    }

    private void accept(Attempt attempt) {
        ScriptedServer server = new ScriptedServer(this);
        connections.add(server);
        ConnectionHandler handler = attempt.onConnected(server.connection());
        server.begin(handler);
    }

    @Override
    public void execute(Runnable task) {
        if (isClosed) {
            throw new RejectedExecutionException("closed");
        }
        tasks.add(task);
    }

    /** As {@link #execute}, for what the network does, which goes on when the client is gone. */
    void later(Runnable task) {
        tasks.add(task);
    }

    @Override
    public boolean isClientThread() {
        return isRunning;
    }

    @Override
    public Cancellation schedule(Runnable task, long delayNs) {
        Timer timer = new Timer(nowNs + Math.max(0, delayNs), timerCount++, task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    @Override
    public long nanoTime() {
        return nowNs;
    }

    @Override
    public ByteBufAllocator allocator() {
        return allocator;
    }

    @Override
    public void close() {
        isClosed = true;
    }

    /** Runs whatever can run without time passing. */
    void run() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            run(task);
        }
    }

    private void run(Runnable task) {
        if (isRunning) {
            throw new IllegalStateException("run within a task");
        }
        isRunning = true;
        try {
            task.run();
        } finally {
            isRunning = false;
        }
    }

    /** Lets time pass, running each timer when it is due. */
    void advance(long deltaNs) {
        run();
        long endNs = nowNs + deltaNs;
        Timer timer;
        while ((timer = timers.peek()) != null && timer.dueNs <= endNs) {
            timers.remove(timer);
            nowNs = Math.max(nowNs, timer.dueNs);
            run(timer.task);
            run();
        }
        nowNs = endNs;
    }

    /** Lets time pass without this thread running: timers come late. */
    void stall(long deltaNs) {
        nowNs += deltaNs;
    }

    /** Bytes of the buffers that nobody has released. */
    long usedBytes() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    private record Timer(long dueNs, long number, Runnable task) {}
}
