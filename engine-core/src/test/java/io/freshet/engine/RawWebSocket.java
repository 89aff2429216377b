package io.freshet.engine;

import com.google.protobuf.MessageLite;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** WebSocket by hand on a blocking socket, for tests that send what no decent client would. */
final class RawWebSocket implements AutoCloseable {
    static final int BINARY = 0x82;
    static final int CLOSE = 0x88;
    static final int PING = 0x89;
    static final int PONG = 0x8A;

    private static final int MASK = 0x1234_5678;
    private static final int TIMEOUT_MS = 10_000;

    private final Socket socket;
    private final DataInputStream in;

    /** A frame of the server. */
    static final class Message {
        private final int first;
        private final byte[] payload;

        Message(int first, byte[] payload) {
            this.first = first;
            this.payload = payload;
        }

        int first() {
            return first;
        }

        byte[] payload() {
            return payload;
        }

        int closeCode() {
            return ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
        }
    }

    RawWebSocket(Socket socket, InetSocketAddress address) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.connect(address, TIMEOUT_MS);
        socket.setSoTimeout(TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Connects and upgrades; the server's HELLO comes next. */
    static RawWebSocket open(FreshetEngine engine) throws IOException {
        RawWebSocket raw = new RawWebSocket(new Socket(), engine.addresses().get(0));
        raw.send(upgrade("/freshet", ""));
        String answer = raw.readHttp();
        if (!answer.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("not upgraded: " + answer);
        }
        return raw;
    }

    static byte[] upgrade(String path, String moreHeaders) {
        return ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + moreHeaders
                        + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    void send(byte... bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** A masked frame; {@code first} is its first byte. */
    static byte[] frame(int first, byte... payload) {
        ByteBuf frame = Unpooled.buffer();
        frame.writeByte(first);
        if (payload.length < 126) {
            frame.writeByte(0x80 | payload.length);
        } else if (payload.length < 1 << 16) {
            frame.writeByte(0x80 | 126).writeShort(payload.length);
        } else {
            frame.writeByte(0x80 | 127).writeLong(payload.length);
        }
        frame.writeInt(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.writeByte(payload[i] ^ (MASK >>> (24 - i % 4 * 8)));
        }
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        return bytes;
    }

    static byte[] freshet(FrameType type, MessageLite body) {
        ByteBuf frame = Unpooled.buffer();
        Frames.write(frame, type, body);
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        return bytes;
    }

    /** The head of an HTTP answer. */
    String readHttp() throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("within the answer '" + text + "'");
            }
            text.append((char) next);
        }
        return text.toString();
    }

    Message read() throws IOException {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = Math.toIntExact(in.readLong());
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Message(first, payload);
    }

    /** Reads up to the server's close frame. */
    Message readClose() throws IOException {
        Message message = read();
        while (message.first() != CLOSE) {
            message = read();
        }
        return message;
    }

    boolean isClosedByServer() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            return "Connection reset".equals(e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
