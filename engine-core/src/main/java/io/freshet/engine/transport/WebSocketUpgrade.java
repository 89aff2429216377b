package io.freshet.engine.transport;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.transport.UpgradeRequest.Refusal;
import io.freshet.engine.transport.UpgradeRequest.RefusedException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers the HTTP request that a connection begins with, and makes way for {@link WebSocketDecoder}. Stands behind {@link RequestHead} and
 * Netty's decoder of requests. The session has begun already and its deadline runs; what it says waits in the connection. Owned by the loop's thread.
 */
final class WebSocketUpgrade extends ChannelInboundHandlerAdapter {
    /** Bytes of a request at most, from the connection's first to the end of its headers. */
    static final int MAX_LENGTH = 8 * 1024;

    private final ChannelPipeline pipeline;
    private final NettyConnection connection;
    private final String path;
    private final List<String> origins;
    private final ReactorCounters counters;
    private @Nullable HttpRequest request;
    private boolean isRefused;

    private WebSocketUpgrade(
            ChannelPipeline pipeline,
            NettyConnection connection,
            String path,
            List<String> origins,
            ReactorCounters counters) {
        this.pipeline = pipeline;
        this.connection = connection;
        this.path = path;
        this.origins = origins;
        this.counters = counters;
    }

    /** Puts the upgrade at the end of a pipeline, to which the connection itself is added next. */
    static void add(
            ChannelPipeline pipeline,
            NettyConnection connection,
            String path,
            List<String> origins,
            ReactorCounters counters) {
        WebSocketUpgrade upgrade = new WebSocketUpgrade(pipeline, connection, path, origins, counters);
        pipeline.addLast(new RequestHead(upgrade::refuse), newDecoder(), upgrade);
    }

    /** The decoder of the request that a WebSocket begins with. */
    static HttpRequestDecoder newDecoder() {
        HttpRequestDecoder decoder = new HttpRequestDecoder(
                new HttpDecoderConfig().setMaxInitialLineLength(MAX_LENGTH).setMaxHeaderSize(MAX_LENGTH));
        decoder.setCumulator(ReceiveBuffer::keep);
        return decoder;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (isRefused) {
                return;
            }
            if (message instanceof HttpRequest begun) {
                request = begun;
            }
            HttpRequest asked = request;
            if (asked != null
                    && (message instanceof LastHttpContent
                            || asked.decoderResult().isFailure()
                            || UpgradeRequest.hasBody(asked))) {
                answer(ctx, asked);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void answer(ChannelHandlerContext ctx, HttpRequest asked) {
        byte[] response;
        try {
            response = UpgradeRequest.of(asked).accept(path, origins, connection.isLocal());
        } catch (RefusedException e) {
            refuse(e.refusal());
            return;
        }
        pipeline.addAfter(ctx.name(), "websocket", new WebSocketDecoder(connection));
        connection.upgraded(response);
        pipeline.remove(RequestHead.class);
        pipeline.remove(this);
        pipeline.remove(HttpRequestDecoder.class); // hands on what it has read beyond the request
    }

    private void refuse(Refusal refusal) {
        if (isRefused) {
            return;
        }
        isRefused = true;
        counters.add(ReactorCounter.REFUSED_UPGRADES, 1);
        pipeline.remove(HttpRequestDecoder.class); // what still comes is dropped here, and no more work
        connection.refuseUpgrade(refusal);
    }
}
