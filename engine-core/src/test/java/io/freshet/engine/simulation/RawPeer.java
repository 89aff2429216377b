package io.freshet.engine.simulation;

import com.google.protobuf.MessageLite;
import io.freshet.client.ClientTransport;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameDecoder;
import io.freshet.protocol.FrameHandler;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Record;
import io.freshet.protocol.v1.Renewed;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client's end of one connection after the other, made by hand: it sends any bytes whenever it likes, and checks that what it is sent are whole
 * frames with the bodies that their types say.
 */
class RawPeer implements ClientTransport.Attempt, ConnectionHandler, FrameHandler {
    private static final int MAX_FRAME_LENGTH = 1 << 20;

    private final SimTransport transport;
    private final List<Long> channels = new ArrayList<>();
    private final Map<Long, Integer> nonceCounters = new HashMap<>();
    private final DeliveryChecker deliveries = new DeliveryChecker();
    private @Nullable Connection connection;
    private @Nullable FrameDecoder decoder;
    private @Nullable FrameType lastType;
    /** Whether an ERROR has said that the connection ends; receipts of what was committed meanwhile may follow it. */
    private boolean isEndTold;

    private boolean isConnecting;
    private boolean isAborted;
    private boolean hasStoppedReading;
    private boolean isEndExplained = true;

    RawPeer(SimTransport transport) {
        this.transport = transport;
    }

    final SimTransport transport() {
        return transport;
    }

    /** Makes a connection, when none stands or is on its way. */
    final void connect() {
        if (connection == null && !isConnecting) {
            isConnecting = true;
            transport.connect(this);
        }
    }

    @Override
    public final ConnectionHandler onConnected(Connection made) {
        isConnecting = false;
        isAborted = false;
        hasStoppedReading = false;
        lastType = null;
        isEndTold = false;
        connection = made;
        decoder = new FrameDecoder(transport.allocator(), MAX_FRAME_LENGTH, this);
        return this;
    }

    @Override
    public final void onFailed(Throwable cause) {
        throw new AssertionError("a calm network did not connect", cause);
    }

    @Override
    public final void onReceived(ByteBuf bytes) {
        if (decoder != null) {
            decoder.onBytes(bytes);
        }
    }

    @Override
    public void onFrame(FrameType type, int flags, int kind, ByteBuf buffer, int frameIndex, int frameLength) {
        lastType = type;
        switch (type) {
            case HELLO -> Frames.parse(Hello.parser(), buffer, frameIndex, frameLength);
            case WELCOME -> Frames.parse(Welcome.parser(), buffer, frameIndex, frameLength);
            case OPENED -> onOpened(Frames.parse(Opened.parser(), buffer, frameIndex, frameLength));
            case CLOSED ->
                deliveries.closed(Frames.parse(Closed.parser(), buffer, frameIndex, frameLength)
                        .getChannel());
            case RECORD -> {
                Record record = Frames.parse(Record.parser(), buffer, frameIndex, frameLength);
                deliveries.record(record.getChannel(), record.getSequence());
            }
            case PUBLISHED -> Frames.parse(Published.parser(), buffer, frameIndex, frameLength);
            case PAGE -> Frames.parse(Page.parser(), buffer, frameIndex, frameLength);
            case GAP -> deliveries.gap(Frames.parse(Gap.parser(), buffer, frameIndex, frameLength));
            case RENEWED -> Frames.parse(Renewed.parser(), buffer, frameIndex, frameLength);
            case GOAWAY -> Frames.parse(GoAway.parser(), buffer, frameIndex, frameLength);
            case PONG -> Frames.parse(Pong.parser(), buffer, frameIndex, frameLength);
            case ERROR -> {
                Error error = Frames.parse(Error.parser(), buffer, frameIndex, frameLength);
                ErrorCode code = ErrorCode.of(error.getCode());
                if (code == null) {
                    throw new AssertionError("an ERROR with the unknown code " + error.getCode());
                }
                isEndTold |= code.endsConnection();
            }
            default -> {}
        }
    }

    private void onOpened(Opened opened) {
        channels.add(opened.getChannel());
        nonceCounters.put(opened.getChannel(), opened.getNonceCounter());
        deliveries.opened(opened);
    }

    @Override
    public final void onWritable() {}

    @Override
    public final void onClosed() {
        boolean isTold = isEndTold || lastType == FrameType.ERROR || lastType == FrameType.GOAWAY;
        isEndExplained &= isAborted || hasStoppedReading || isTold;
        connection = null;
        deliveries.ended();
        if (decoder != null) {
            decoder.close();
            decoder = null;
        }
    }

    /** Whether the server has ended no connection of a peer that reads without saying why, by an ERROR with a code. */
    final boolean isEndExplained() {
        return isEndExplained;
    }

    final boolean isConnected() {
        return connection != null;
    }

    /** A channel that the server has opened for this peer, or the number itself when it has opened none. */
    final long channel(int number) {
        return channels.isEmpty() ? number : channels.get(number % channels.size());
    }

    /** The counter that a publish to this channel must carry next, if all before it were accepted. */
    final int nextNonceCounter(long channel) {
        return nonceCounters.merge(channel, 1, Integer::sum);
    }

    final void send(FrameType type, MessageLite body) {
        ByteBuf frame = transport.allocator().directBuffer();
        Frames.write(frame, type, body);
        send(frame);
    }

    /** <em>Transfers</em> the bytes, which go nowhere when no connection stands. */
    final void send(ByteBuf bytes) {
        if (connection == null) {
            bytes.release();
        } else {
            connection.offer(bytes);
            connection.flush();
        }
    }

    final void readable(boolean isEnabled) {
        if (connection != null) {
            hasStoppedReading |= !isEnabled;
            connection.readable(isEnabled);
        }
    }

    final void abort() {
        if (connection != null) {
            isAborted = true;
            connection.abort();
        }
    }
}
