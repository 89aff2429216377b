package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.AddressRanges;
import io.freshet.engine.EngineConfig.SocketApi;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import io.freshet.testing.FuzzInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Any bytes, in any pieces, where a PROXY header, a WebSocket's upgrade or its frames are expected: the session is given the same bytes, the peer
 * the same answers and the connection the same end however they are cut, but for pings, of which the last of each piece is answered. Nothing fails
 * unforeseen, what is kept is bounded, and no buffer is left.
 */
public final class TransportFuzz {
    private static final String PATH = "/freshet";
    private static final byte[] REQUEST = bytes(
            "GET /freshet HTTP/1.1",
            "Host: a",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "");
    private static final byte[] PROXY_LINE = bytes("PROXY TCP4 192.0.2.1 192.0.2.2 4000 443");

    /** The second version's signature, PROXY over TCP of IPv4, and twelve bytes of addresses and ports. */
    private static final byte[] PROXY_BINARY =
            HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "2111000c" + "c0000201c0000202" + "0fa001bb");

    /** What has begun of a request, or of a PROXY header. */
    private static final int MAX_KEPT_LENGTH = 2 * WebSocketUpgrade.MAX_LENGTH + 1024;

    /** Of all zeros in an input; with more of them in one piece Netty counts them to a line, and otherwise not. */
    private static final int MAX_ZERO_LENGTH = 4096;

    private static final byte PONG = (byte) (WebSocketHeader.FINAL_BIT | WebSocketHeader.PONG);

    private static final ReactorCounters COUNTERS = new ReactorCounters(() -> 0);
    private static final NettyLoop LOOP = claimed();

    private TransportFuzz() {}

    /** What came of a stream: what the session received and was told, what was answered, and whence the client seemed to come. */
    private record Outcome(String received, String told, String answered, String address, boolean isOpen) {}

    private static byte[] bytes(String... lines) {
        return (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static NettyLoop claimed() {
        NettyLoop loop = new NettyLoop(SocketApi.NIO, () -> true, UnpooledByteBufAllocator.DEFAULT);
        loop.claim();
        return loop;
    }

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int layers = input.next();
        long cuts = input.nextInt();
        byte[] stream = stream(input);
        Outcome whole = run(stream, layers, left -> left);
        assertEquals(whole, run(stream, layers, left -> 1));
        SplittableRandom random = new SplittableRandom(cuts);
        assertEquals(whole, run(stream, layers, left -> 1 + random.nextInt(left)));
        LOOP.poll(0);
    }

    /** Pieces that are right, nearly right, or anything. */
    private static byte[] stream(FuzzInput input) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int zeroLength = 0;
        while (!input.isEmpty()) {
            switch (input.below(6)) {
                case 0 -> stream.writeBytes(harmed(PROXY_LINE, input));
                case 1 -> stream.writeBytes(harmed(REQUEST, input));
                case 2 -> putFrame(stream, input);
                case 3 -> {
                    int length = Math.min(input.nextU16(), MAX_ZERO_LENGTH - zeroLength);
                    zeroLength += length;
                    stream.writeBytes(new byte[length]);
                }
                case 4 -> stream.writeBytes(input.take(input.next()));
                default -> stream.writeBytes(harmed(PROXY_BINARY, input));
            }
        }
        return stream.toByteArray();
    }

    /** What is right with one byte replaced, or as it is. */
    private static byte[] harmed(byte[] right, FuzzInput input) {
        byte[] bytes = right.clone();
        int at = input.next();
        if (at < bytes.length && at > 0) {
            bytes[at] = (byte) input.next();
        }
        return bytes;
    }

    private static void putFrame(ByteArrayOutputStream stream, FuzzInput input) {
        int first = input.next();
        byte[] payload = input.take(input.next());
        byte[] mask = {1, 2, 3, (byte) input.next()};
        stream.write(first);
        if (payload.length < WebSocketHeader.LENGTH_16) {
            stream.write(WebSocketHeader.MASKED_BIT | payload.length);
        } else {
            stream.writeBytes(new byte[] {(byte) (WebSocketHeader.MASKED_BIT | WebSocketHeader.LENGTH_16), 0});
            stream.write(payload.length);
        }
        stream.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            stream.write(payload[i] ^ mask[i % mask.length]);
        }
    }

    private static Outcome run(byte[] stream, int layers, IntUnaryOperator cut) {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        EmbeddedSocket socket = new EmbeddedSocket();
        socket.config().setAllocator(allocator);
        Session session = new Session();
        Watch watch = new Watch();
        NettyConnection connection = assemble(socket, session, watch, layers);
        socket.pipeline().fireChannelActive();
        StringBuilder answered = new StringBuilder();
        for (int at = 0; at < stream.length && socket.isOpen(); ) {
            int length = cut.applyAsInt(stream.length - at);
            socket.writeInbound(allocator.directBuffer(length).writeBytes(stream, at, length));
            at += length;
            takeAnswers(socket, answered);
            long kept = usedLength(allocator);
            assertTrue(kept <= MAX_KEPT_LENGTH, kept + " bytes are kept");
        }
        Outcome outcome = new Outcome(
                session.received.toString(),
                session.told,
                answered.toString(),
                connection.remoteAddress(),
                socket.isOpen());
        socket.finishAndReleaseAll();
        assertEquals(0, usedLength(allocator), "bytes are left");
        if (watch.failure != null) {
            throw new AssertionError("a layer has failed", watch.failure);
        }
        return outcome;
    }

    /** As {@code Listener} does. */
    private static NettyConnection assemble(EmbeddedSocket socket, Session session, Watch watch, int layers) {
        boolean isProxied = layers % 2 == 0;
        boolean isWebSocket = layers % 4 != 0;
        NettyConnection connection = new NettyConnection(socket, LOOP, session::begin, COUNTERS, null, isWebSocket);
        if (isProxied) {
            AddressRanges allowed = layers % 8 == 2 ? AddressRanges.of("192.0.2.0/24") : AddressRanges.ALL;
            socket.pipeline()
                    .addLast(
                            ProxyHeader.newDecoder(),
                            new ProxyHeader(connection, LOOP, allowed, TimeUnit.SECONDS.toNanos(1), COUNTERS));
        }
        if (isWebSocket) {
            WebSocketUpgrade.add(socket.pipeline(), connection, PATH, List.of(), COUNTERS);
        }
        socket.pipeline().addLast(watch, connection);
        return connection;
    }

    private static long usedLength(UnpooledByteBufAllocator allocator) {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    private static void takeAnswers(EmbeddedSocket socket, StringBuilder answered) {
        int pongCount = 0;
        for (ByteBuf part = socket.readOutbound(); part != null; part = socket.readOutbound()) {
            if (part.isReadable() && part.getByte(part.readerIndex()) == PONG) {
                pongCount++;
            } else {
                answered.append(ByteBufUtil.hexDump(part));
            }
            part.release();
        }
        assertTrue(pongCount <= 1, "more than one write for what came at once");
    }

    /** Sees what a connection would take for a mistake of the server. */
    private static final class Watch extends ChannelInboundHandlerAdapter {
        private @Nullable Throwable failure;

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof IOException || cause instanceof DecoderException)) {
                failure = cause;
            }
            ctx.fireExceptionCaught(cause);
        }
    }

    /** Greets as a server does, keeps what it receives, and closes when it is told of a breach. */
    private static final class Session implements ConnectionHandler {
        private final StringBuilder received = new StringBuilder();
        private String told = "";
        private @Nullable Connection connection;

        ConnectionHandler begin(Connection begun) {
            connection = begun;
            begun.offer(Unpooled.wrappedBuffer(new byte[] {7}));
            begun.flush();
            return this;
        }

        @Override
        public void onReceived(ByteBuf bytes) {
            received.append(ByteBufUtil.hexDump(bytes));
        }

        @Override
        public void onBreach(ErrorCode code, String message) {
            told += code + " " + message;
            if (connection != null) {
                connection.close();
            }
        }

        @Override
        public void onWritable() {}

        @Override
        public void onClosed() {
            told += " closed";
        }
    }
}
