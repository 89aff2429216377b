package io.freshet.engine.transport;

import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.io.UncheckedIOException;
import java.net.BindException;
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
     * @param accepts for each loop, what begins a session on it
     * @throws UncheckedIOException when the address cannot be bound
     */
    public static Listener bind(
            InetSocketAddress address,
            List<NettyLoop> loops,
            List<Function<Connection, ConnectionHandler>> accepts,
            ByteBufAllocator allocator) {
        ServerSocketChannel channel = loops.get(0).newServerChannel();
        channel.config().setOption(ChannelOption.SO_BACKLOG, BACKLOG);
        channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
        channel.pipeline().addLast(new Acceptor(loops, accepts, allocator));
        Throwable failure =
                loops.get(0).register(channel).awaitUninterruptibly().cause();
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

    /** Gives each accepted connection to the next loop. On the first loop's thread. */
    private static final class Acceptor extends ChannelInboundHandlerAdapter {
        private final List<NettyLoop> loops;
        private final List<Function<Connection, ConnectionHandler>> accepts;
        private final ByteBufAllocator allocator;
        private int next;

        Acceptor(
                List<NettyLoop> loops,
                List<Function<Connection, ConnectionHandler>> accepts,
                ByteBufAllocator allocator) {
            this.loops = loops;
            this.accepts = accepts;
            this.allocator = allocator;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            SocketChannel accepted = (SocketChannel) message;
            int index = next++ % loops.size();
            configure(accepted, loops.get(index));
            accepted.pipeline().addLast(new NettyConnection(accepted, loops.get(index), accepts.get(index)));
            loops.get(index).register(accepted).addListener(done -> {
                if (!done.isSuccess()) {
                    accepted.unsafe().closeForcibly();
                }
            });
        }

        private void configure(SocketChannel accepted, NettyLoop loop) {
            accepted.config().setAllocator(allocator);
            accepted.config().setTcpNoDelay(true);
            accepted.config()
                    .setOption(
                            ChannelOption.WRITE_BUFFER_WATER_MARK,
                            new WriteBufferWaterMark(OUTBOUND_MARK_LENGTH / 2, OUTBOUND_MARK_LENGTH));
            accepted.config().setRecvByteBufAllocator(loop.receiveBuffer());
        }

        /** Out of file descriptors, mostly: no accept for a moment, instead of a failing one in each cycle. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.warn("cannot accept connections at the moment: {}", cause.toString());
            Channel channel = ctx.channel();
            channel.config().setAutoRead(false);
            loops.get(0).schedule(() -> channel.config().setAutoRead(true), ACCEPT_PAUSE_NS);
        }
    }
}
