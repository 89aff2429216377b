package io.freshet.client;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;

/** Event loops that many clients share; each client lives on one of them. Any thread may call it. */
public final class ClientRuntime implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group;

    private ClientRuntime(MultiThreadIoEventLoopGroup group) {
        this.group = group;
    }

    /** Starts {@code threads} daemon threads at most, each when it is first needed. */
    public static ClientRuntime create(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", it must be at least 1");
        }
        return new ClientRuntime(new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("freshet-client", true), NioIoHandler.newFactory()));
    }

    EventLoop nextLoop() {
        return group.next();
    }

    /** Closes the clients that still run on these threads, and then the threads. Idempotent. */
    @Override
    public void close() {
        Future<?> unused = group.shutdownGracefully();
    }
}
