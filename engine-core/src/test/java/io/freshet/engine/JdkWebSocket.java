package io.freshet.engine;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Record;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The JDK's WebSocket client with Freshet's frames in it: a client that we did not write. */
final class JdkWebSocket implements WebSocket.Listener, AutoCloseable {
    private static final int TIMEOUT_S = 10;

    private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private @Nullable WebSocket socket;

    static JdkWebSocket connect(String uri, @Nullable SSLContext tls) {
        JdkWebSocket client = new JdkWebSocket();
        HttpClient.Builder http = HttpClient.newBuilder();
        if (tls != null) {
            http.sslContext(tls);
        }
        client.socket = http.build()
                .newWebSocketBuilder()
                .buildAsync(URI.create(uri), client)
                .join();
        return client;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean isLast) {
        byte[] part = new byte[data.remaining()];
        data.get(part);
        message.writeBytes(part);
        if (isLast) {
            cut(message.toByteArray());
            message.reset();
        }
        from.request(1);
        return null;
    }

    /** A message has whole frames; if it had not, a frame would be missing in the test. */
    private void cut(byte[] whole) {
        int at = 0;
        while (at < whole.length) {
            int length =
                    4 + ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
            if (length > whole.length - at) {
                frames.add(new byte[FrameHeader.LENGTH]);
                return;
            }
            frames.add(Arrays.copyOfRange(whole, at, at + length));
            at += length;
        }
    }

    private <T extends MessageLite> T read(FrameType type, Parser<T> parser) throws IOException {
        byte[] frame;
        try {
            frame = frames.poll(TIMEOUT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        if (frame == null || frame[FrameHeader.TYPE_OFFSET] != type.code()) {
            throw new IOException("expected " + type + ", got " + Arrays.toString(frame));
        }
        return parser.parseFrom(Arrays.copyOfRange(frame, FrameHeader.LENGTH, frame.length));
    }

    private void send(byte[] frame) {
        if (socket != null) {
            socket.sendBinary(ByteBuffer.wrap(frame), true).join();
        }
    }

    void welcome() throws IOException {
        read(FrameType.HELLO, Hello.parser());
        send(RawWebSocket.freshet(
                FrameType.CONNECT, RawConnection.connectFrame().build()));
        read(FrameType.WELCOME, Welcome.parser());
    }

    Opened open(String name, Cursor cursor) throws IOException {
        Open open = RawConnection.openFrame(name).setCursor(cursor).build();
        send(RawWebSocket.freshet(FrameType.OPEN, open));
        return read(FrameType.OPENED, Opened.parser());
    }

    /** Without a receipt. */
    void publish(long channel, byte[] payload) {
        ByteBuf frame = Unpooled.buffer();
        RecordFrame.writeHead(frame, 0, channel, 0, 0, 0, 0, payload.length);
        frame.writeBytes(payload);
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        send(bytes);
    }

    Record readRecord() throws IOException {
        return read(FrameType.RECORD, Record.parser());
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.abort();
        }
    }
}
