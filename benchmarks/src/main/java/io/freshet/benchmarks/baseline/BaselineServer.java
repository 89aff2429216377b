package io.freshet.benchmarks.baseline;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One of the servers to compare with, running: a listening socket and one event loop, epoll where there is epoll. */
public final class BaselineServer implements AutoCloseable {
    private final EventLoopGroup loop;
    private final AutoCloseable resource;
    private final InetSocketAddress address;

    private BaselineServer(
            InetSocketAddress at, SocketSettings settings, Supplier<ChannelHandler> handlers, AutoCloseable resource)
            throws IOException {
        boolean isEpoll = Epoll.isAvailable();
        loop = new MultiThreadIoEventLoopGroup(1, isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        this.resource = resource;
        ServerBootstrap bootstrap =
                bootstrap(settings, isEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class, handlers);
        var bound = bootstrap.bind(at).awaitUninterruptibly();
        Throwable failure = bound.cause();
        if (failure != null) {
            close();
            throw new IOException(
                    "cannot listen on " + at.getHostString() + ":" + at.getPort() + ": " + failure.getMessage(),
                    failure);
        }
        address = ((ServerSocketChannel) bound.channel()).localAddress();
    }

    private ServerBootstrap bootstrap(
            SocketSettings settings, Class<? extends ServerChannel> channel, Supplier<ChannelHandler> handlers) {
        int mark = settings.outboundMarkLength();
        return new ServerBootstrap()
                .group(loop)
                .channel(channel)
                .option(ChannelOption.SO_BACKLOG, settings.backlog())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOCATOR, settings.allocator())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(mark / 2, mark))
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(settings.readLength()).maxMessagesPerRead(settings.readCount()))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel accepted) {
                        limitUnsent(accepted, settings);
                        accepted.pipeline().addLast(handlers.get());
                    }
                });
    }

    /** What the kernel may keep unsent, on a socket that can be told. */
    static void limitUnsent(SocketChannel accepted, SocketSettings settings) {
        if (accepted instanceof EpollSocketChannel epoll) {
            epoll.config().setTcpNotSentLowAt(settings.unsentMarkLength());
        }
    }

    /**
     * Fan-out as most people would write it: see {@link NaiveHandler}.
     *
     * @throws IOException when the address cannot be bound
     */
    public static BaselineServer naive(InetSocketAddress at, SocketSettings settings) throws IOException {
        Subscriptions subscriptions = new Subscriptions();
        return new BaselineServer(at, settings, () -> new NaiveHandler(subscriptions), () -> {});
    }

    /**
     * The least that a fan-out in a JVM can do: see {@link FloorHandler}.
     *
     * @param stream a file of whole message frames of one length, which clients may ask for, or {@code null}
     * @throws IOException when the address cannot be bound, or the file is not such a file
     */
    public static BaselineServer floor(InetSocketAddress at, SocketSettings settings, @Nullable Path stream)
            throws IOException {
        Subscriptions subscriptions = new Subscriptions();
        StreamFile file = stream == null ? null : StreamFile.open(stream);
        return new BaselineServer(at, settings, () -> new FloorHandler(subscriptions, file), () -> {});
    }

    /**
     * The least that a server with a log can do for a publish: see {@link AppendFloorHandler}.
     *
     * @param data the queue's directory, made when it is missing
     * @param isEachSynced whether each message is a document of its own, synced before it is acknowledged
     * @throws IOException when the address cannot be bound
     */
    public static BaselineServer appendFloor(
            InetSocketAddress at, SocketSettings settings, Path data, boolean isEachSynced) throws IOException {
        AppendedQueue queue = new AppendedQueue(data);
        return new BaselineServer(at, settings, () -> new AppendFloorHandler(queue, isEachSynced), queue);
    }

    /** Where it listens, with the port that was chosen. */
    public InetSocketAddress address() {
        return address;
    }

    /** Ends every connection and releases everything. Waits until it is so; not on the loop's thread. */
    @Override
    public void close() throws IOException {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        try {
            resource.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("not closed cleanly: " + e.getMessage(), e);
        }
    }
}
