package io.freshet.engine.transport;

import io.freshet.engine.Endpoint;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening TCP socket. It lives on the first loop; the connections that it accepts are spread over all loops in turn.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
public final class Listener {
    /** Outbound bytes from which on a connection is given no more data, and below half of which it is again. */
    public static final int OUTBOUND_MARK_LENGTH = 64 * 1024;

    /**
     * Unsent bytes of a connection from which on the kernel takes no more. Left to itself it takes up to 4 MiB (Linux) for one
     * whose peer does not read, beside all that {@link io.freshet.engine.MemoryLimits} counts. What is under way to a peer that
     * reads is not counted in, so that long and fast paths stay filled.
     */
    public static final long UNSENT_MARK_LENGTH = 128 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final int BACKLOG = 4096;
    private static final long ACCEPT_PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    private final ServerSocketChannel channel;

    private Listener(ServerSocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Binds and waits until it is done; not on a loop's thread, and while the loops run.
     *
     * @param seats the loops that connections are spread over, and who begins their sessions
     * @throws UncheckedIOException when the address cannot be bound
     */
    public static Listener bind(ListenerConfig config, List<Seat> seats, ByteBufAllocator allocator) {
        InetSocketAddress address = config.endpoint().address();
        NettyLoop first = seats.get(0).loop();
        ServerSocketChannel channel = first.newServerChannel();
        channel.config().setOption(ChannelOption.SO_BACKLOG, BACKLOG);
        channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
        channel.pipeline().addLast(new Acceptor(config, seats, allocator));
        Throwable failure = first.register(channel).awaitUninterruptibly().cause();
        if (failure == null) {
            failure = channel.bind(address).awaitUninterruptibly().cause();
        }
        if (failure != null) {
            channel.close();
            throw cannotBind(address, failure);
        }
        return new Listener(channel);
    }

    private static UncheckedIOException cannotBind(InetSocketAddress address, Throwable cause) {
        String where = address.getHostString() + ":" + address.getPort();
        BindException exception = new BindException("cannot listen on " + where + ": " + cause.getMessage());
        exception.initCause(cause);
        return new UncheckedIOException(exception.getMessage(), exception);
    }

    /** Where it listens, with the port that was chosen. */
    public InetSocketAddress address() {
        return channel.localAddress();
    }

    /** Accepts no further connection. Waits until it is so; not on a loop's thread. */
    public void close() {
        channel.close().awaitUninterruptibly();
    }

    /**
     * Where a connection may live.
     *
     * @param accept begins a session on the loop
     * @param counters what the loop's reactor counts
     */
    public record Seat(NettyLoop loop, Function<Connection, ConnectionHandler> accept, ReactorCounters counters) {}

    /** Gives each accepted connection to the next loop. On the first loop's thread. */
    static final class Acceptor extends ChannelInboundHandlerAdapter {
        private final ListenerConfig config;
        private final List<Seat> seats;
        private final ByteBufAllocator allocator;
        private int next;

        Acceptor(ListenerConfig config, List<Seat> seats, ByteBufAllocator allocator) {
            this.config = config;
            this.seats = seats;
            this.allocator = allocator;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            SocketChannel accepted = (SocketChannel) message;
            InetSocketAddress peer = accepted.remoteAddress();
            InetAddress address = peer == null ? null : peer.getAddress();
            boolean isProxied = config.endpoint().trustedProxies().contains(address);
            if (!isProxied && !config.endpoint().allowed().contains(address)) {
                seats.get(0).counters().add(ReactorCounter.REFUSED_ADDRESSES, 1);
                accepted.unsafe().closeForcibly();
                return;
            }
            Seat seat = seats.get(next);
            next = (next + 1) % seats.size();
            try {
                configure(accepted, seat.loop());
                assemble(accepted, seat, isProxied);
            } catch (RuntimeException | Error e) { // no memory, mostly
                accepted.unsafe().closeForcibly();
                throw e;
            }
            seat.loop().register(accepted).addListener(done -> {
                if (!done.isSuccess()) {
                    accepted.unsafe().closeForcibly();
                }
            });
        }

        /** What stands between a socket and its session, in the order in which received bytes pass it. */
        private void assemble(SocketChannel accepted, Seat seat, boolean isProxied) {
            Endpoint endpoint = config.endpoint();
            ChannelPipeline pipeline = accepted.pipeline();
            SslHandler tls = config.tls() == null ? null : config.tls().newHandler(allocator);
            boolean isWebSocket = endpoint.path() != null;
            NettyConnection connection =
                    new NettyConnection(accepted, seat.loop(), seat.accept(), seat.counters(), tls, isWebSocket);
            if (isProxied) {
                pipeline.addLast(ProxyHeader.newDecoder());
                pipeline.addLast(new ProxyHeader(
                        connection, seat.loop(), endpoint.allowed(), config.handshakeTimeoutNs(), seat.counters()));
            }
            if (tls != null) {
                pipeline.addLast(new TlsRecordCutter(), tls);
            }
            if (endpoint.path() != null) {
                WebSocketUpgrade.add(pipeline, connection, endpoint.path(), endpoint.origins(), seat.counters());
            }
            pipeline.addLast(connection);
        }

        private void configure(SocketChannel accepted, NettyLoop loop) {
            accepted.config().setAllocator(allocator);
            accepted.config().setTcpNoDelay(true);
            accepted.config()
                    .setOption(
                            ChannelOption.WRITE_BUFFER_WATER_MARK,
                            new WriteBufferWaterMark(OUTBOUND_MARK_LENGTH / 2, OUTBOUND_MARK_LENGTH));
            accepted.config().setRecvByteBufAllocator(loop.receiveBuffer());
            if (accepted instanceof EpollSocketChannel epoll) {
                epoll.config().setTcpNotSentLowAt(UNSENT_MARK_LENGTH);
            } else if (accepted instanceof IoUringSocketChannel) {
                accepted.config().setOption(IoUringChannelOption.TCP_NOTSENT_LOWAT, UNSENT_MARK_LENGTH);
            }
        }

        /** Out of file descriptors, mostly: no accept for a moment, instead of a failing one in each cycle. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.warn("cannot accept connections at the moment: {}", cause.toString());
            Channel channel = ctx.channel();
            channel.config().setAutoRead(false);
            seats.get(0).loop().schedule(() -> channel.config().setAutoRead(true), ACCEPT_PAUSE_NS);
        }
    }
}
