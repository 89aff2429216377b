package io.freshet.client;

import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Netty channel as a {@link Connection}. Owned by the channel's event loop. */
final class NettyConnection extends ChannelInboundHandlerAdapter implements Connection {
    private static final Logger LOG = LoggerFactory.getLogger(NettyConnection.class);

    /** How long a close waits for the network to take what was offered. */
    private static final long CLOSE_LIMIT_MS = 2_000;

    private final ClientTransport.Attempt attempt;
    private final boolean isEncrypted;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ConnectionHandler handler;
    private String remoteAddress = "";
    /** While Netty is being called: what it tells meanwhile is told on later, as {@link Connection} promises. */
    private boolean isCalling;

    /** @param isEncrypted whether TLS stands before it, and the connection begins with the end of its handshake */
    NettyConnection(ClientTransport.Attempt attempt, boolean isEncrypted) {
        this.attempt = attempt;
        this.isEncrypted = isEncrypted;
    }

    // ---- from Netty

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        remoteAddress = String.valueOf(ctx.channel().remoteAddress());
        if (!isEncrypted) {
            handler = attempt.onConnected(this);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                handler = attempt.onConnected(this);
            } else {
                attempt.onFailed(handshake.cause());
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (handler != null && message instanceof ByteBuf bytes) {
                handler.onReceived(bytes);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (isCalling) {
            ctx.executor().execute(this::tellWritable);
        } else {
            tellWritable();
        }
    }

    private void tellWritable() {
        if (handler != null && isWritable()) {
            handler.onWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ConnectionHandler told = handler;
        handler = null;
        if (told != null) {
            told.onClosed();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("{} failed", remoteAddress, cause);
        abort();
    }

    // ---- from the client

    private ChannelHandlerContext netty() {
        if (context == null) {
            throw new IllegalStateException("the channel is not active yet");
        }
        return context;
    }

    @Override
    public void offer(ByteBuf bytes) {
        isCalling = true;
        ChannelHandlerContext ctx = netty();
        Future<?> unused = ctx.write(bytes, ctx.voidPromise());
        isCalling = false;
    }

    @Override
    public void flush() {
        isCalling = true;
        netty().flush();
        isCalling = false;
    }

    @Override
    public long outboundLength() {
        ChannelOutboundBuffer outbound = netty().channel().unsafe().outboundBuffer();
        return outbound == null ? 0 : outbound.totalPendingWriteBytes();
    }

    @Override
    public boolean isWritable() {
        return netty().channel().isWritable();
    }

    @Override
    public void afterWritten(Runnable done) {
        Future<?> unused = netty().write(Unpooled.EMPTY_BUFFER).addListener(written -> done.run());
    }

    @Override
    public void readable(boolean enabled) {
        netty().channel().config().setAutoRead(enabled);
    }

    @Override
    public void close() {
        isCalling = true;
        ChannelHandlerContext ctx = netty();
        Future<?> limit = ctx.executor().schedule(this::abort, CLOSE_LIMIT_MS, TimeUnit.MILLISECONDS);
        Future<?> unused = ctx.channel().closeFuture().addListener(closed -> limit.cancel(false));
        Future<?> unusedToo = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        isCalling = false;
    }

    @Override
    public void abort() {
        isCalling = true;
        Future<?> unused = netty().close();
        isCalling = false;
    }

    @Override
    public String remoteAddress() {
        return remoteAddress;
    }
}
