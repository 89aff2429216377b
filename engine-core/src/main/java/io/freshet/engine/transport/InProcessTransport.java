package io.freshet.engine.transport;

import io.freshet.client.ClientTransport;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * How a client within the process reaches the engine: the same client and the same session as over a socket, joined by a
 * pair of {@link InProcessConnection}s. The client's "thread" is a turn on the application's executor, one task at a time.
 */
public final class InProcessTransport implements ClientTransport {
    private static final String ADDRESS = "in-process";

    private final SerialExecutor clientThread;
    private final ScheduledExecutorService timer;
    private final Executor reactor;
    private final Function<Connection, ConnectionHandler> accept;
    private final ByteBufAllocator allocator;

    /**
     * @param executor runs the client, and with it the application's callbacks
     * @param timer only hands tasks on to {@code executor}
     * @param reactor runs tasks on the session's reactor; may block the client until there is room
     * @param accept begins the session, on the reactor
     */
    public InProcessTransport(
            Executor executor,
            ScheduledExecutorService timer,
            Executor reactor,
            Function<Connection, ConnectionHandler> accept,
            ByteBufAllocator allocator) {
        this.clientThread = new SerialExecutor(executor, timer);
        this.timer = timer;
        this.reactor = reactor;
        this.accept = accept;
        this.allocator = allocator;
    }

    @Override
    public void connect(Attempt attempt) {
        InProcessConnection clientEnd = new InProcessConnection(clientThread, ADDRESS);
        InProcessConnection serverEnd = new InProcessConnection(reactor, ADDRESS);
        InProcessConnection.join(clientEnd, serverEnd);
        clientThread.execute(() -> {
            clientEnd.handler(attempt.onConnected(clientEnd));
            begin(serverEnd);
        });
    }

    private void begin(InProcessConnection serverEnd) {
        try {
            reactor.execute(() -> serverEnd.handler(accept.apply(serverEnd)));
        } catch (RejectedExecutionException e) {
            serverEnd.abort(); // the engine has ended: so it is nobody's, and the client is told
        }
    }

    @Override
    public void execute(Runnable task) {
        clientThread.execute(task);
    }

    @Override
    public boolean isClientThread() {
        return clientThread.isTurn();
    }

    @Override
    public Cancellation schedule(Runnable task, long delayNs) {
        ScheduledFuture<?> scheduled = timer.schedule(() -> clientThread.execute(task), delayNs, TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public ByteBufAllocator allocator() {
        return allocator;
    }

    @Override
    public void close() {
        // Executor, timer and allocator are the engine's.
    }
}
