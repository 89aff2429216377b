package io.freshet.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** TCP on one Netty event loop, which is the client's thread. */
final class NettyTransport implements ClientTransport {
    /** A client stops sending publishes while so many bytes are not taken by the network. */
    private static final WriteBufferWaterMark OUTBOUND_MARK = new WriteBufferWaterMark(128 << 10, 256 << 10);

    private final EventLoop loop;
    private final ClientConfig config;
    /** The group of the loop, if it is this client's alone. */
    private final @Nullable MultiThreadIoEventLoopGroup ownGroup;

    private NettyTransport(EventLoop loop, ClientConfig config, @Nullable MultiThreadIoEventLoopGroup ownGroup) {
        this.loop = loop;
        this.config = config;
        this.ownGroup = ownGroup;
    }

    /** On a loop that others use, too. */
    static NettyTransport on(EventLoop loop, ClientConfig config) {
        return new NettyTransport(loop, config, null);
    }

    /** On a daemon thread that ends with the client. */
    static NettyTransport withOwnThread(ClientConfig config) {
        MultiThreadIoEventLoopGroup group = ClientRuntime.newGroup(1);
        return new NettyTransport(group.next(), config, group);
    }

    @Override
    public void connect(Attempt attempt) {
        long timeoutMs = Math.max(1, TimeUnit.NANOSECONDS.toMillis(config.connectTimeoutNs()));
        Future<?> unused = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(Integer.MAX_VALUE, timeoutMs))
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, OUTBOUND_MARK)
                .handler(pipeline(attempt))
                .connect(config.host(), config.port())
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        // Not within connect, which may have failed already.
                        loop.execute(() -> attempt.onFailed(connected.cause()));
                    }
                });
    }

    private ChannelHandler pipeline(Attempt attempt) {
        ClientTls tls = config.tls();
        if (tls == null) {
            return new NettyConnection(attempt, false);
        }
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(
                                tls.newHandler(
                                        channel.alloc(), config.host(), config.port(), config.connectTimeoutNs()),
                                new NettyConnection(attempt, true));
            }
        };
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public boolean isClientThread() {
        return loop.inEventLoop();
    }

    @Override
    public Cancellation schedule(Runnable task, long delayNs) {
        Future<?> timer = loop.schedule(task, delayNs, TimeUnit.NANOSECONDS);
        return () -> timer.cancel(false);
    }

    @Override
    public long nanoTime() {
        return loop.ticker().nanoTime();
    }

    @Override
    public ByteBufAllocator allocator() {
        return ByteBufAllocator.DEFAULT;
    }

    @Override
    public void close() {
        if (ownGroup != null) {
            ClientRuntime.shutDown(ownGroup);
        }
    }
}
