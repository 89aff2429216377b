package io.freshet.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Record;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A client of a few lines on a blocking socket, for tests that send what no decent client would. */
final class RawConnection implements AutoCloseable {
    static final int INSTANCE = 0x1234_5678;

    private static final int TIMEOUT_MS = 10_000;

    private final Socket socket;
    private final DataInputStream in;

    /** One frame as it was received. */
    static final class Frame {
        private final FrameType type;
        private final byte[] bytes;

        Frame(FrameType type, byte[] bytes) {
            this.type = type;
            this.bytes = bytes;
        }

        FrameType type() {
            return type;
        }

        <T extends MessageLite> T body(Parser<T> parser) throws InvalidProtocolBufferException {
            return parser.parseFrom(ByteBuffer.wrap(bytes, FrameHeader.LENGTH, bytes.length - FrameHeader.LENGTH));
        }
    }

    RawConnection(FreshetEngine engine) throws IOException {
        this(engine.addresses().get(0));
    }

    RawConnection(InetSocketAddress address) throws IOException {
        this(new Socket(), address);
    }

    /** Over a socket of any kind. */
    RawConnection(Socket socket, InetSocketAddress address) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.connect(address, TIMEOUT_MS);
        socket.setSoTimeout(TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
    }

    void send(byte... bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    void send(FrameType type, MessageLite body) throws IOException {
        ByteBuf frame = Unpooled.buffer();
        Frames.write(frame, type, body);
        send(frame);
    }

    private void send(ByteBuf frame) throws IOException {
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        send(bytes);
    }

    void publish(long channel, int counter, byte[] payload) throws IOException {
        publish(channel, nonce(counter), payload);
    }

    void publish(long channel, long nonce, byte[] payload) throws IOException {
        ByteBuf frame = Unpooled.buffer();
        RecordFrame.writeHead(frame, 0, channel, 0, 0, 0, nonce, payload.length);
        frame.writeBytes(payload);
        send(frame);
    }

    static long nonce(int counter) {
        return (long) INSTANCE << 32 | Integer.toUnsignedLong(counter);
    }

    /** The next frame; EOFException when the server has closed. */
    Frame read() throws IOException {
        byte[] head = new byte[4];
        in.readFully(head);
        int length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
        byte[] bytes = new byte[4 + length];
        System.arraycopy(head, 0, bytes, 0, 4);
        in.readFully(bytes, 4, length);
        FrameType type = FrameType.of(bytes[FrameHeader.TYPE_OFFSET] & 0xFF);
        if (type == null) {
            throw new IOException("a frame of unknown type " + bytes[FrameHeader.TYPE_OFFSET]);
        }
        return new Frame(type, bytes);
    }

    <T extends MessageLite> T read(FrameType type, Parser<T> parser) throws IOException {
        Frame frame = read();
        if (frame.type() != type) {
            String error =
                    frame.type() == FrameType.ERROR ? frame.body(Error.parser()).toString() : "";
            throw new IOException("expected " + type + ", got " + frame.type() + " " + error);
        }
        return frame.body(parser);
    }

    Error readError() throws IOException {
        return read(FrameType.ERROR, Error.parser());
    }

    Record readRecord() throws IOException {
        return read(FrameType.RECORD, Record.parser());
    }

    Hello hello() throws IOException {
        return read(FrameType.HELLO, Hello.parser());
    }

    Welcome connect() throws IOException {
        hello();
        send(FrameType.CONNECT, connectFrame().build());
        return read(FrameType.WELCOME, Welcome.parser());
    }

    static Connect.Builder connectFrame() {
        return Connect.newBuilder().setVersion(1).setInstance(INSTANCE);
    }

    Opened open(String name, Cursor cursor) throws IOException {
        send(FrameType.OPEN, openFrame(name).setCursor(cursor).build());
        return read(FrameType.OPENED, Opened.parser());
    }

    Opened open(String name) throws IOException {
        send(FrameType.OPEN, openFrame(name).build());
        return read(FrameType.OPENED, Opened.parser());
    }

    static Open.Builder openFrame(String name) {
        return Open.newBuilder().setRequest(1).setName(name).setCreate(true);
    }

    /** Whether the server closes, without a further frame. */
    boolean isClosedByServer() throws IOException {
        try {
            read();
            return false;
        } catch (EOFException e) {
            return true;
        } catch (java.net.SocketException e) {
            return "Connection reset".equals(e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
