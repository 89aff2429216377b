package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameDecoder;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.PublishedFrame;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Record;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The other end of one connection, played by a test: it takes what the client has sent, and says what it likes. */
final class ScriptedServer {
    /** A frame that the client has sent. */
    record Received(FrameType type, int kind, ByteString body) {
        <T extends MessageLite> T as(Parser<T> parser) {
            try {
                return parser.parseFrom(body);
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
    }

    private final ManualTransport transport;
    private final Line line = new Line();
    private final ArrayDeque<Received> received = new ArrayDeque<>();
    private final FrameDecoder decoder;
    private @Nullable ConnectionHandler client;
    private boolean isWritable = true;
    private boolean isAborted;
    private boolean isClosing;
    private boolean isGone;
    private int flushCount;

    ScriptedServer(ManualTransport transport) {
        this.transport = transport;
        decoder = new FrameDecoder(transport.allocator, 1 << 20, (type, flags, kind, buffer, index, length) -> {
            byte[] body = new byte[length - 8];
            buffer.getBytes(index + 8, body);
            received.add(new Received(type, kind, ByteString.copyFrom(body)));
        });
    }

    Connection connection() {
        return line;
    }

    void begin(ConnectionHandler handler) {
        client = handler;
    }

    // ---- what the client has sent

    /** The next frame of the client; null when it has sent none. */
    @Nullable
    Received poll() {
        transport.run();
        return received.poll();
    }

    <T extends MessageLite> T expect(FrameType type, Parser<T> parser) {
        Received frame = Objects.requireNonNull(poll(), () -> "the client has sent no " + type);
        assertEquals(type, frame.type());
        return frame.as(parser);
    }

    /** A publish: its counter and its text as {@code 3:hello}. */
    String expectPublish() {
        Record publish = expect(FrameType.RECORD, Record.parser());
        return (publish.getNonce() & 0xFFFF_FFFFL) + ":" + publish.getPayload().toStringUtf8();
    }

    void expectPublishes(String... publishes) {
        for (String publish : publishes) {
            assertEquals(publish, expectPublish());
        }
        expectNothing();
    }

    void expectNothing() {
        Received frame = poll();
        assertEquals(null, frame == null ? null : frame.type());
    }

    boolean isAborted() {
        transport.run();
        return isAborted;
    }

    boolean isGone() {
        transport.run();
        return isGone;
    }

    int flushCount() {
        return flushCount;
    }

    // ---- what the server says

    ScriptedServer hello() {
        return send(
                FrameType.HELLO,
                Hello.newBuilder()
                        .setVersionMin(1)
                        .setVersionMax(1)
                        .setMaxFrameLength(4096)
                        .build());
    }

    static Welcome.Builder welcome() {
        return Welcome.newBuilder()
                .setVersion(1)
                .setSession(1)
                .setPrincipal(7)
                .setPrincipalName("ann")
                .setMaxFrameLength(1 << 17)
                .setMaxPayloadLength(1000)
                .setMaxInFlight(4)
                .setMaxOpenChannels(3)
                .setHeartbeatMs(0)
                .setNonceMemoryMs(300_000);
    }

    /** HELLO, CONNECT, WELCOME. Returns the CONNECT. */
    Connect welcomes() {
        return welcomes(welcome -> {});
    }

    Connect welcomes(Consumer<Welcome.Builder> limits) {
        hello();
        Connect connect = expect(FrameType.CONNECT, Connect.parser());
        Welcome.Builder welcome = welcome();
        limits.accept(welcome);
        send(FrameType.WELCOME, welcome.build());
        return connect;
    }

    /** Takes an OPEN and answers it. Returns the OPEN. */
    Open opens(long channel, Consumer<Opened.Builder> values) {
        Open open = expect(FrameType.OPEN, Open.parser());
        Opened.Builder opened = Opened.newBuilder()
                .setRequest(open.getRequest())
                .setChannel(channel)
                .setName(open.getName())
                .setEpoch(1)
                .setFirst(1)
                .setMayPublish(true)
                .setMaySubscribe(true);
        values.accept(opened);
        send(FrameType.OPENED, opened.build());
        return open;
    }

    Open opens(long channel) {
        return opens(channel, opened -> {});
    }

    void closed(long channel) {
        send(FrameType.CLOSED, Closed.newBuilder().setChannel(channel).build());
    }

    void record(long channel, long sequence, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(out, 0, channel, sequence, sequence * 10, 7, 0, payload.length);
        deliver(out.writeBytes(payload));
    }

    void record(long channel, long sequence, EventKind kind, byte[] payload) {
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(out, kind.code(), channel, sequence, sequence * 10, 7, 0, payload.length);
        deliver(out.writeBytes(payload));
    }

    /** A record of kind ATTRIBUTES, with these flags. */
    void attributes(long channel, long sequence, int flags, ChannelAttributes attributes) {
        byte[] payload = attributes.toByteArray();
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(out, EventKind.ATTRIBUTES.code(), channel, sequence, sequence * 10, 7, 0, payload.length);
        out.setByte(FrameHeader.FLAGS_OFFSET, flags);
        deliver(out.writeBytes(payload));
    }

    void published(long channel, int instance, long counter, int count, long sequence) {
        ByteBuf out = Unpooled.buffer();
        PublishedFrame.write(out, channel, nonce(instance, counter), count, sequence);
        deliver(out);
    }

    void refused(long channel, int instance, long counter, int count, ErrorCode code, int retryAfterMs) {
        send(
                FrameType.ERROR,
                Error.newBuilder()
                        .setCode(code.number())
                        .setMessage("refused")
                        .setChannel(channel)
                        .setFirstNonce(nonce(instance, counter))
                        .setCount(count)
                        .setRetryAfterMs(retryAfterMs)
                        .build());
    }

    void error(ErrorCode code, long request, int retryAfterMs) {
        send(
                FrameType.ERROR,
                Error.newBuilder()
                        .setCode(code.number())
                        .setMessage("refused")
                        .setRequest(request)
                        .setRetryAfterMs(retryAfterMs)
                        .build());
    }

    static long nonce(int instance, long counter) {
        return ((long) instance << 32) | (counter & 0xFFFF_FFFFL);
    }

    static ByteString frame(long channel, long sequence, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(out, 0, channel, sequence, sequence * 10, 7, 0, payload.length);
        return ByteString.copyFrom(out.writeBytes(payload).nioBuffer());
    }

    ScriptedServer send(FrameType type, MessageLite body) {
        ByteBuf out = Unpooled.buffer();
        Frames.write(out, type, body);
        return deliver(out);
    }

    ScriptedServer sendBytes(byte[] bytes) {
        return deliver(Unpooled.wrappedBuffer(bytes));
    }

    private ScriptedServer deliver(ByteBuf bytes) {
        transport.run();
        transport.later(() -> {
            if (!isGone && !isAborted) {
                client().onReceived(bytes);
            }
            bytes.release();
        });
        transport.run();
        return this;
    }

    /** Ends the connection, as a lost network does. */
    void drop() {
        transport.run();
        gone();
        transport.run();
    }

    void writable(boolean writable) {
        isWritable = writable;
        if (writable) {
            transport.later(() -> client().onWritable());
            transport.run();
        }
    }

    private void gone() {
        transport.later(() -> {
            if (!isGone) {
                isGone = true;
                decoder.close();
                client().onClosed();
            }
        });
    }

    private ConnectionHandler client() {
        return Objects.requireNonNull(client);
    }

    /** The client's end. */
    private final class Line implements Connection {
        @Override
        public void offer(ByteBuf bytes) {
            try {
                if (!isAborted && !isGone) {
                    assertFalse(isClosing, "offered after close");
                    decoder.onBytes(bytes);
                }
            } finally {
                bytes.release();
            }
        }

        @Override
        public void flush() {
            flushCount++;
        }

        @Override
        public long outboundLength() {
            return 0;
        }

        @Override
        public boolean isWritable() {
            return isWritable;
        }

        @Override
        public void afterWritten(Runnable done) {
            done.run();
        }

        @Override
        public void readable(boolean enabled) {}

        @Override
        public void close() {
            isClosing = true;
            gone();
        }

        @Override
        public void abort() {
            isAborted = true;
            gone();
        }

        @Override
        public String remoteAddress() {
            return "scripted";
        }
    }
}
