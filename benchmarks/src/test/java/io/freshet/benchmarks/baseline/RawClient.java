package io.freshet.benchmarks.baseline;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A plain blocking client of the baselines' framing. */
final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MS = 30_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    RawClient(InetSocketAddress server) throws IOException {
        socket = new Socket(server.getAddress(), server.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    static byte[] frame(int type, int channel, byte... body) {
        return ByteBuffer.allocate(RawFrame.HEADER_LENGTH + body.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(RawFrame.MIN_LENGTH_VALUE + body.length)
                .put((byte) type)
                .putShort((short) channel)
                .put(body)
                .array();
    }

    static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    void subscribe(int channel) throws IOException {
        send(frame(RawFrame.SUBSCRIBE, channel));
        Frame answer = next();
        if (answer.type() != RawFrame.SUBSCRIBED || answer.channel() != channel) {
            throw new IOException("not subscribed: " + answer);
        }
    }

    /** Waits for a whole frame. */
    Frame next() throws IOException {
        byte[] header = new byte[RawFrame.HEADER_LENGTH];
        in.readFully(header);
        ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        byte[] body = new byte[fields.getInt() - RawFrame.MIN_LENGTH_VALUE];
        int type = fields.get();
        int channel = fields.getShort() & 0xFFFF;
        in.readFully(body);
        return new Frame(type, channel, ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Waits for the end of the stream; false when a byte comes before. */
    boolean awaitEnd() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    record Frame(int type, int channel, ByteBuffer body) {
        long number() {
            return body.getLong(0);
        }
    }
}
