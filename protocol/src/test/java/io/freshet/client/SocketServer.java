package io.freshet.client;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server on a real socket, with blocking calls, whose script is the test's own thread. */
final class SocketServer implements Closeable {
    private static final int READ_TIMEOUT_MS = 20_000;

    private final ServerSocket listening;

    SocketServer() throws IOException {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listening.setSoTimeout(READ_TIMEOUT_MS);
    }

    int port() {
        return listening.getLocalPort();
    }

    Peer accept() throws IOException {
        Socket socket = listening.accept();
        socket.setSoTimeout(READ_TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        return new Peer(socket);
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }

    /** One connection. */
    static final class Peer implements Closeable {
        private final Socket socket;
        private final DataInputStream in;

        private Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(socket.getInputStream());
        }

        void send(FrameType type, MessageLite body) throws IOException {
            ByteBuf out = Unpooled.buffer();
            Frames.write(out, type, body);
            sendBytes(out.array(), out.readableBytes());
        }

        void sendBytes(byte[] bytes, int length) throws IOException {
            socket.getOutputStream().write(bytes, 0, length);
            socket.getOutputStream().flush();
        }

        /** Waits for the next frame, which must be of this type. */
        <T extends MessageLite> T expect(FrameType type, Parser<T> parser) throws IOException {
            int length = Integer.reverseBytes(in.readInt());
            int typeCode = in.readUnsignedByte();
            in.skipNBytes(3);
            byte[] body = in.readNBytes(length - 4);
            if (typeCode != type.code()) {
                throw new AssertionError("expected " + type + ", got " + FrameType.of(typeCode));
            }
            return parser.parseFrom(body);
        }

        /** Waits for the other side to close. */
        boolean isAtEnd() throws IOException {
            return in.read() < 0;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
