package io.freshet.engine.transport;

import io.freshet.engine.AddressRanges;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a proxied connection back until its PROXY header has said where it comes from, and closes it when that is not allowed, not said or
 * not said in time. Stands behind Netty's decoder of that header. Owned by the loop's thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class ProxyHeader extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);

    private final NettyConnection connection;
    private final NettyLoop loop;
    private final AddressRanges allowed;
    private final long timeoutNs;
    private final ReactorCounters counters;
    private boolean isDone;

    ProxyHeader(
            NettyConnection connection,
            NettyLoop loop,
            AddressRanges allowed,
            long timeoutNs,
            ReactorCounters counters) {
        this.connection = connection;
        this.loop = loop;
        this.allowed = allowed;
        this.timeoutNs = timeoutNs;
        this.counters = counters;
    }

    /** Netty's decoder of the header. */
    static HAProxyMessageDecoder newDecoder() {
        HAProxyMessageDecoder decoder = new HAProxyMessageDecoder();
        decoder.setCumulator(ReceiveBuffer::keep);
        return decoder;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        loop.schedule(() -> refuse(ctx, ReactorCounter.REFUSED_PROXY_HEADERS), timeoutNs);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (isDone || !(message instanceof HAProxyMessage header)) {
            ReferenceCountUtil.release(message); // a header was refused and the connection is being closed
            return;
        }
        try {
            InetSocketAddress client = address(header);
            if (client != null) {
                connection.clientAddress(client);
            }
        } finally {
            header.release();
        }
        if (!allowed.contains(connection.address())) {
            refuse(ctx, ReactorCounter.REFUSED_ADDRESSES);
        } else {
            isDone = true;
            ctx.fireChannelActive();
            ctx.pipeline().remove(this);
        }
    }

    /** The client's address; null when the proxy speaks for itself, as for its health checks. */
    private static @Nullable InetSocketAddress address(HAProxyMessage header) {
        String text = header.sourceAddress();
        byte[] address = text == null ? null : NetUtil.createByteArrayFromIpAddressString(text);
        if (address == null) {
            return null;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), header.sourcePort());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // of four or sixteen bytes
        }
    }

    private void refuse(ChannelHandlerContext ctx, ReactorCounter reason) {
        if (!isDone) {
            isDone = true;
            counters.add(reason, 1);
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        isDone = true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("no PROXY header from {}: {}", ctx.channel().remoteAddress(), cause.toString());
        refuse(ctx, ReactorCounter.REFUSED_PROXY_HEADERS);
    }
}
