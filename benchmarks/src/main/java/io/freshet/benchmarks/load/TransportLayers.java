package io.freshet.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What stands between the sockets of a load thread and their connections: TLS, the opening of a WebSocket, or nothing. Owned by that thread. */
final class TransportLayers {
    private static final int HANDSHAKE_TIMEOUT_MS = 20_000;

    private final InetSocketAddress server;
    private final @Nullable SslContext tls;
    private final @Nullable String path;
    private final SplittableRandom random;

    /**
     * @param tls what {@link #newContext} has made
     * @param random where the keys of WebSockets come from
     */
    TransportLayers(LoadTarget target, @Nullable SslContext tls, SplittableRandom random) {
        server = target.server();
        path = target.transport().webSocketPath();
        this.tls = tls;
        this.random = random;
    }

    /**
     * What encrypts all connections of a run; null when nothing does.
     *
     * @throws UncheckedIOException when the file of the authorities cannot be read or used
     */
    static @Nullable SslContext newContext(LoadTransport transport) {
        if (!transport.isTls()) {
            return null;
        }
        SslContextBuilder builder = SslContextBuilder.forClient().protocols("TLSv1.3", "TLSv1.2");
        Path trusted = transport.trusted();
        try {
            if (trusted != null) {
                builder.trustManager(trusted.toFile());
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new UncheckedIOException(new IOException("TLS cannot be used: " + e.getMessage(), e));
        }
    }

    InetSocketAddress server() {
        return server;
    }

    /** What is put onto a new socket of this connection. */
    ChannelHandler under(Connection connection) {
        if (tls == null && path == null) {
            return connection;
        }
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel socket) {
                assemble(socket, connection);
            }
        };
    }

    private void assemble(Channel socket, Connection connection) {
        ChannelPipeline pipeline = socket.pipeline();
        if (tls != null) {
            SslHandler handler = tls.newHandler(socket.alloc(), server.getHostString(), server.getPort());
            handler.setHandshakeTimeoutMillis(HANDSHAKE_TIMEOUT_MS);
            handler.setCumulator(TransportLayers::keep);
            pipeline.addLast(handler);
        }
        if (path != null) {
            WebSocketOpening.add(pipeline, server, path, random);
        }
        pipeline.addLast(connection);
    }

    /** Collects what a decoder of Netty waits for in memory of its own: what was read into belongs to all connections of the thread. */
    static ByteBuf keep(ByteBufAllocator allocator, ByteBuf kept, ByteBuf in) {
        ByteBuf both = allocator.directBuffer(kept.readableBytes() + in.readableBytes());
        both.writeBytes(kept).writeBytes(in);
        kept.release();
        in.release();
        return both;
    }
}
