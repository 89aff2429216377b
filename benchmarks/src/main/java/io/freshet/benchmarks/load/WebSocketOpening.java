package io.freshet.benchmarks.load;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.SplittableRandom;

/**
 * Asks for a WebSocket (RFC 6455, 4.1) and makes way once the server has agreed. Stands behind Netty's decoder of the answer. Owned by
 * the load thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class WebSocketOpening extends ChannelInboundHandlerAdapter {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
    private static final int KEY_LENGTH = 16;

    private final String request;
    private final String acceptedKey;

    private WebSocketOpening(InetSocketAddress server, String path, SplittableRandom random) {
        byte[] nonce = new byte[KEY_LENGTH];
        random.nextBytes(nonce);
        String key = Base64.getEncoder().encodeToString(nonce);
        String host = server.getHostString();
        request = "GET " + path + " HTTP/1.1\r\nHost: " + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + server.getPort() + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key
                + "\r\nSec-WebSocket-Version: 13\r\n\r\n";
        acceptedKey = acceptedKey(key);
    }

    /** Puts the opening at the end of a pipeline, to which the connection itself is added next. */
    static void add(ChannelPipeline pipeline, InetSocketAddress server, String path, SplittableRandom random) {
        HttpResponseDecoder decoder = new HttpResponseDecoder();
        decoder.setCumulator(TransportLayers::keep);
        pipeline.addLast(decoder, new WebSocketOpening(server, path, random));
    }

    private static String acceptedKey(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII), ctx.voidPromise());
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HttpResponse response) {
                check(response);
            }
            if (message instanceof LastHttpContent) {
                ChannelPipeline pipeline = ctx.pipeline();
                pipeline.remove(this);
                pipeline.remove(HttpResponseDecoder.class); // hands on what it has read beyond the answer
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ctx.fireExceptionCaught(new WireException("no WebSocket: the server has closed the connection"));
        ctx.fireChannelInactive();
    }

    private void check(HttpResponse response) {
        if (response.decoderResult().isFailure()) {
            throw new WireException("no WebSocket: the answer is not of HTTP");
        }
        HttpHeaders headers = response.headers();
        if (!response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            throw new WireException("no WebSocket: " + response.status());
        }
        boolean isAccepted = headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && acceptedKey.equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT));
        if (!isAccepted) {
            throw new WireException("no WebSocket: the answer is to another request");
        }
    }
}
