package io.freshet.client;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Event loops that many clients share; each client lives on one of them. Any thread may call it. */
public final class ClientRuntime implements AutoCloseable {
    private static final long SHUTDOWN_LIMIT_MS = 2_000;

    private final MultiThreadIoEventLoopGroup group;
    private final OwnedSet<FreshetClient> clients = new OwnedSet<>();

    private ClientRuntime(MultiThreadIoEventLoopGroup group) {
        this.group = group;
    }

    /** Starts {@code threads} daemon threads at most, each when it is first needed. */
    public static ClientRuntime create(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", it must be at least 1");
        }
        return new ClientRuntime(newGroup(threads));
    }

    static MultiThreadIoEventLoopGroup newGroup(int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("freshet-client", true), NioIoHandler.newFactory());
    }

    static void shutDown(MultiThreadIoEventLoopGroup group) {
        Future<?> unused = group.shutdownGracefully(0, SHUTDOWN_LIMIT_MS, TimeUnit.MILLISECONDS);
    }

    EventLoop nextLoop() {
        return group.next();
    }

    /** Takes on a client that is to be closed with this runtime; false when that is closed already. */
    boolean add(FreshetClient client) {
        return clients.add(client);
    }

    void remove(FreshetClient client) {
        clients.remove(client);
    }

    /**
     * Closes the clients that still run on these threads, waits for that as {@link FreshetClient#close} does, and ends the
     * threads. Idempotent.
     */
    @Override
    public void close() {
        CompletableFuture<?> closed = CompletableFuture.allOf(clients.close().stream()
                .map(FreshetClient::closeAsync)
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture<?>[]::new));
        boolean isOwnThread = false;
        for (var loop : group) {
            isOwnThread |= loop.inEventLoop();
        }
        if (isOwnThread) {
            CompletableFuture<?> unused = closed.whenComplete((done, failure) -> shutDown(group));
        } else {
            closed.join();
            shutDown(group);
        }
    }
}
