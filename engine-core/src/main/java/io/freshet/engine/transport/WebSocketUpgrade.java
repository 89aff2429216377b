package io.freshet.engine.transport;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.transport.UpgradeRequest.Refusal;
import io.freshet.engine.transport.UpgradeRequest.RefusedException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects the HTTP request of a connection, answers it, and makes way for {@link WebSocketDecoder}. The session has begun already and its
 * deadline runs; what it says waits in the connection. Owned by the loop's thread.
 */
final class WebSocketUpgrade extends ChannelInboundHandlerAdapter {
    /** Bytes of the longest request. */
    static final int MAX_LENGTH = 8 * 1024;

    private static final int FIRST_LENGTH = 512;
    private static final int END = 0x0D0A0D0A;

    private final NettyConnection connection;
    private final String path;
    private final List<String> origins;
    private final ReactorCounters counters;
    private @Nullable ByteBuf request;
    private boolean isRefused;

    WebSocketUpgrade(NettyConnection connection, String path, List<String> origins, ReactorCounters counters) {
        this.connection = connection;
        this.path = path;
        this.origins = origins;
        this.counters = counters;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (!isRefused && collect(ctx, in)) {
                answer(ctx, in);
            }
        } finally {
            in.release();
        }
    }

    /** Takes bytes up to the request's empty line; whether that was found. */
    private boolean collect(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf collected = request;
        if (collected == null) {
            collected = ctx.alloc().heapBuffer(FIRST_LENGTH, MAX_LENGTH);
            request = collected;
        }
        while (in.isReadable()) {
            if (collected.readableBytes() == MAX_LENGTH) {
                refuse(Refusal.TOO_LONG);
                return false;
            }
            collected.writeByte(in.readByte());
            int length = collected.readableBytes();
            if (length >= Integer.BYTES && collected.getInt(length - Integer.BYTES) == END) {
                return true;
            }
        }
        return false;
    }

    private void answer(ChannelHandlerContext ctx, ByteBuf rest) {
        byte[] bytes = new byte[request == null ? 0 : request.readableBytes()];
        if (request != null) {
            request.readBytes(bytes);
        }
        byte[] response;
        try {
            response = UpgradeRequest.parse(bytes).accept(path, origins);
        } catch (RefusedException e) {
            refuse(e.refusal());
            return;
        }
        ctx.pipeline().addAfter(ctx.name(), "websocket", new WebSocketDecoder(connection));
        connection.upgraded(response);
        if (rest.isReadable()) {
            ctx.fireChannelRead(rest.readRetainedSlice(rest.readableBytes()));
        }
        ctx.pipeline().remove(this);
    }

    private void refuse(Refusal refusal) {
        isRefused = true;
        counters.add(ReactorCounter.REFUSED_UPGRADES, 1);
        connection.refuseUpgrade(refusal);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (request != null) {
            request.release();
            request = null;
        }
    }
}
