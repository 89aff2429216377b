package io.freshet.engine.simulation;

import com.google.protobuf.ByteString;
import io.freshet.client.ClientTransport;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.FrameDecoder;
import io.freshet.protocol.FrameHandler;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.Versions;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.netty.buffer.ByteBuf;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Speaks the protocol by hand and publishes with nonce 0, which nobody answers; it comes back when its connection ends. */
final class RawPublisher implements ClientTransport.Attempt, ConnectionHandler, FrameHandler {
    private static final int MAX_FRAME_LENGTH = 1 << 20;
    private static final long BACK_OFF_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final long sender;
    private final String channelName;
    private final SimTransport transport;
    private @Nullable FrameDecoder decoder;
    private @Nullable Connection connection;
    private long channel;
    private boolean isClosed;
    private int lastNumber;

    RawPublisher(Simulation simulation, long sender, String channelName) {
        this.sender = sender;
        this.channelName = channelName;
        transport = simulation.newTransport("raw-" + sender, () -> {});
        transport.execute(this::connect);
    }

    private void connect() {
        if (!isClosed) {
            transport.connect(this);
        }
    }

    @Override
    public ConnectionHandler onConnected(Connection made) {
        connection = made;
        decoder = new FrameDecoder(transport.allocator(), MAX_FRAME_LENGTH, this);
        if (isClosed) {
            made.abort();
        }
        return this;
    }

    @Override
    public void onFailed(Throwable cause) {
        transport.schedule(this::connect, BACK_OFF_NS);
    }

    @Override
    public void onReceived(ByteBuf bytes) {
        if (decoder != null) {
            decoder.onBytes(bytes);
        }
    }

    @Override
    public void onFrame(FrameType type, int flags, int kind, ByteBuf buffer, int frameIndex, int frameLength) {
        switch (type) {
            case HELLO ->
                send(
                        FrameType.CONNECT,
                        Connect.newBuilder()
                                .setVersion(Versions.MAX)
                                .setInstance(1)
                                .setToken(ByteString.copyFromUtf8(Long.toString(sender)))
                                .build());
            case WELCOME ->
                send(
                        FrameType.OPEN,
                        Open.newBuilder()
                                .setRequest(1)
                                .setName(channelName)
                                .setCreate(true)
                                .build());
            case OPENED ->
                channel = Frames.parse(Opened.parser(), buffer, frameIndex, frameLength)
                        .getChannel();
            case ERROR, GOAWAY -> abort();
            default -> {}
        }
    }

    private void send(FrameType type, com.google.protobuf.MessageLite body) {
        ByteBuf frame = transport.allocator().directBuffer();
        Frames.write(frame, type, body);
        if (connection != null) {
            connection.offer(frame);
            connection.flush();
        }
    }

    /** Publishes a few, if the connection stands and takes them. To be called in its transport's turn. */
    void publish(int count, SplittableRandom random, int maxLength) {
        if (channel == 0 || connection == null || !connection.isWritable()) {
            return;
        }
        for (int i = 0; i < count; i++) {
            int number = ++lastNumber;
            byte[] payload = Payloads.of(sender, number, 1 + random.nextInt(maxLength));
            ByteBuf frame = transport.allocator().directBuffer(RecordFrame.frameLength(payload.length));
            RecordFrame.writeHead(frame, number, channel, 0, 0, 0, 0, payload.length);
            connection.offer(frame.writeBytes(payload));
        }
        connection.flush();
    }

    SimTransport transport() {
        return transport;
    }

    private void abort() {
        if (connection != null) {
            connection.abort();
        }
    }

    @Override
    public void onWritable() {}

    @Override
    public void onClosed() {
        channel = 0;
        connection = null;
        if (decoder != null) {
            decoder.close();
        }
        transport.schedule(this::connect, BACK_OFF_NS);
    }

    void close() {
        isClosed = true;
        abort();
    }

    boolean isOver() {
        return isClosed && connection == null;
    }
}
