package io.freshet.engine.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
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
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Speaks the protocol by hand, has one channel open, and comes back when its connection ends. */
abstract class RawClient implements ClientTransport.Attempt {
    static final int INSTANCE = 1;

    private static final int MAX_FRAME_LENGTH = 1 << 20;
    private static final long BACK_OFF_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final long sender;
    private final String channelName;
    private final SimTransport transport;
    private final List<Link> links = new ArrayList<>();
    private @Nullable Link link;
    private long channel;
    private boolean isClosed;

    RawClient(Simulation simulation, long sender, String channelName) {
        this.sender = sender;
        this.channelName = channelName;
        transport = simulation.newTransport("raw-" + sender, () -> {});
        transport.execute(this::connect);
    }

    /** Publishes a few, if the connection stands and takes them. To be called in its transport's turn. */
    abstract void publish(int count, SplittableRandom random, int maxLength);

    /** The channel is open again. */
    void onOpened(Opened opened) {}

    /** Whatever else the server says. */
    void onAnswer(FrameType type, ByteBuf buffer, int frameIndex, int frameLength) {
        if (type == FrameType.ERROR) {
            abort();
        }
    }

    private void connect() {
        if (!isClosed) {
            transport.connect(this);
        }
    }

    @Override
    public final ConnectionHandler onConnected(Connection made) {
        Link connected = new Link(made);
        link = connected;
        if (isClosed) {
            made.abort();
        }
        return connected;
    }

    @Override
    public final void onFailed(Throwable cause) {
        transport.schedule(this::connect, BACK_OFF_NS);
    }

    /** Goes on over another connection; what is on its way over the old one may still arrive. */
    final void abandon(long ns) {
        Link old = link;
        if (old != null) {
            link = null;
            channel = 0;
            transport.schedule(old.connection::abort, ns);
            connect();
        }
    }

    private void onFrame(FrameType type, ByteBuf buffer, int frameIndex, int frameLength) {
        switch (type) {
            case HELLO ->
                send(
                        FrameType.CONNECT,
                        Connect.newBuilder()
                                .setVersion(Versions.MAX)
                                .setInstance(INSTANCE)
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
            case OPENED -> {
                Opened opened = Frames.parse(Opened.parser(), buffer, frameIndex, frameLength);
                channel = opened.getChannel();
                onOpened(opened);
            }
            case GOAWAY -> abort();
            default -> onAnswer(type, buffer, frameIndex, frameLength);
        }
    }

    private void send(FrameType type, MessageLite body) {
        ByteBuf frame = transport.allocator().directBuffer();
        Frames.write(frame, type, body);
        if (link == null) {
            frame.release();
        } else {
            link.connection.offer(frame);
            link.connection.flush();
        }
    }

    final boolean isWritable() {
        return channel != 0 && link != null && link.connection.isWritable();
    }

    /** Sends one publish, once it is flushed. */
    final void send(int number, long nonce, byte[] payload) {
        ByteBuf frame = transport.allocator().directBuffer(RecordFrame.frameLength(payload.length));
        RecordFrame.writeHead(frame, number, channel, 0, 0, 0, nonce, payload.length);
        frame.writeBytes(payload);
        if (link == null) {
            frame.release();
        } else {
            link.connection.offer(frame);
        }
    }

    final void flush() {
        if (link != null) {
            link.connection.flush();
        }
    }

    final long sender() {
        return sender;
    }

    final SimTransport transport() {
        return transport;
    }

    final void abort() {
        if (link != null) {
            link.connection.abort();
        }
    }

    final void close() {
        isClosed = true;
        links.forEach(each -> each.connection.abort());
    }

    final boolean isOver() {
        return isClosed && links.isEmpty();
    }

    /** One connection; one that was abandoned is not listened to. */
    private final class Link implements ConnectionHandler, FrameHandler {
        private final Connection connection;
        private final FrameDecoder decoder = new FrameDecoder(transport.allocator(), MAX_FRAME_LENGTH, this);

        private Link(Connection connection) {
            this.connection = connection;
            links.add(this);
        }

        @Override
        public void onReceived(ByteBuf bytes) {
            decoder.onBytes(bytes);
        }

        @Override
        public void onFrame(FrameType type, int flags, int kind, ByteBuf buffer, int frameIndex, int frameLength) {
            if (link == this) {
                RawClient.this.onFrame(type, buffer, frameIndex, frameLength);
            }
        }

        @Override
        public void onWritable() {}

        @Override
        public void onClosed() {
            decoder.close();
            links.remove(this);
            if (link == this) {
                link = null;
                channel = 0;
                transport.schedule(RawClient.this::connect, BACK_OFF_NS);
            }
        }
    }
}
