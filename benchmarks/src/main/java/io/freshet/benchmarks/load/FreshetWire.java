package io.freshet.benchmarks.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Count;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.DeliveryMode;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Signal;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.UnsafeApi;

/**
 * Freshet's protocol, as lean as PROTOCOL.md allows: records and receipts are read in place at their canonical offsets,
 * all other frames with Protobuf. Opens a bounded number of channels of a connection at a time.
 */
final class FreshetWire implements Wire {
    /** The name of the counter. */
    private static final String HEARTS = "hearts";

    private static final int VERSION = 1;
    private static final int MAX_OPENS_UNDER_WAY = 16;
    private static final int RECORD = FrameType.RECORD.code();
    private static final int VARINT_BITS = 7;
    private static final int FIRST_CONNECTION_CODE = 600;

    // The usual form of PUBLISHED, offsets from the body's begin.
    private static final byte PUBLISHED_CHANNEL_TAG = 0x09;
    private static final byte PUBLISHED_NONCE_TAG = 0x11;
    private static final byte PUBLISHED_COUNT_TAG = 0x18;
    private static final byte PUBLISHED_SEQUENCE_TAG = 0x21;
    private static final int PUBLISHED_NONCE_OFFSET = 10;
    private static final int PUBLISHED_COUNT_OFFSET = 19;

    private static final Cursor LIVE =
            Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()).build();
    private static final Cursor FROM_FIRST =
            Cursor.newBuilder().setAfter(Cursor.After.getDefaultInstance()).build();

    private final ByteString token;
    private final SplittableRandom random;
    private final DeliveryMode mode;
    private final int rate;
    private final boolean watches;

    /**
     * @param token what to show the server
     * @param random where instances come from
     * @param mode of the subscriptions
     * @param rate of the subscriptions, when they are sampled
     * @param watches whether everybody is to be told the channel's counter, and reads no records
     */
    FreshetWire(ByteString token, SplittableRandom random, DeliveryMode mode, int rate, boolean watches) {
        this.token = token;
        this.random = random;
        this.mode = mode;
        this.rate = rate;
        this.watches = watches;
    }

    @Override
    public void onConnected(Connection connection) {
        // The server speaks first.
    }

    @Override
    public FrameTemplate template(long channelId, int payloadLength) {
        ByteBuf head = Unpooled.buffer();
        RecordFrame.writeHead(head, 0, channelId, 0, 0, 0, 0, payloadLength);
        return new FrameTemplate(head, payloadLength, RecordFrame.NONCE_OFFSET);
    }

    @Override
    public long onBytes(Connection connection, long from, long end, long nowNs) {
        long at = from;
        while (end - at >= FrameHeader.LENGTH) {
            int length = UnsafeApi.getInt(at) + FrameHeader.TYPE_OFFSET;
            if (length < FrameHeader.LENGTH || length > ReceiveBuffer.MAX_FRAME_LENGTH) {
                throw new WireException("a frame of " + Integer.toUnsignedString(length) + " bytes");
            }
            if (end - at < length) {
                break;
            }
            if (UnsafeApi.getByte(at + FrameHeader.TYPE_OFFSET) == RECORD) {
                if (!watches) {
                    onRecord(connection, at, length, nowNs);
                }
            } else {
                onOther(connection, at, length, nowNs);
            }
            at += length;
        }
        return at;
    }

    private static void onRecord(Connection connection, long at, int length, long nowNs) {
        if (length < RecordFrame.MIN_LENGTH) {
            throw new WireException("a record of " + length + " bytes");
        }
        long payload = at + RecordFrame.PAYLOAD_LENGTH_OFFSET;
        long end = at + length;
        long announced = 0;
        for (int shift = 0; payload < end; shift += VARINT_BITS) {
            byte next = UnsafeApi.getByte(payload++);
            announced |= (next & 0x7FL) << shift;
            if (next >= 0) {
                break;
            }
        }
        if (announced != end - payload) {
            throw new WireException("a record that is not in its canonical form");
        }
        long channel = UnsafeApi.getLong(at + RecordFrame.CHANNEL_OFFSET);
        long sequence = UnsafeApi.getLong(at + RecordFrame.SEQUENCE_OFFSET);
        connection.onMessage(channel, sequence, payload, (int) (end - payload), nowNs);
    }

    private void onOther(Connection connection, long at, int length, long nowNs) {
        FrameType type = FrameType.of(UnsafeApi.getByte(at + FrameHeader.TYPE_OFFSET));
        if (type == null) {
            if ((UnsafeApi.getByte(at + FrameHeader.FLAGS_OFFSET) & FrameHeader.FLAG_IGNORABLE) == 0) {
                throw new WireException("a frame of an unknown type");
            }
            return;
        }
        switch (type) {
            case HELLO -> onHello(connection, parse(Hello.parser(), connection, at, length));
            case WELCOME -> onWelcome(connection, parse(Welcome.parser(), connection, at, length), nowNs);
            case OPENED -> onOpened(connection, parse(Opened.parser(), connection, at, length), nowNs);
            case PUBLISHED -> onPublished(connection, at, length, nowNs);
            case GAP -> {
                Gap gap = parse(Gap.parser(), connection, at, length);
                connection.onGap(gap.getChannel(), gap.getFirstSequence(), gap.getCount());
            }
            case PING -> {
                long value = parse(Ping.parser(), connection, at, length).getToken();
                send(
                        connection,
                        FrameType.PONG,
                        Pong.newBuilder().setToken(value).build());
            }
            case SIGNAL -> onSignal(connection, parse(Signal.parser(), connection, at, length));
            case PONG, EPOCH -> {
                // Any frame says that the server lives; a new epoch shows in what is delivered.
            }
            case ERROR -> onError(connection, parse(Error.parser(), connection, at, length), nowNs);
            case GOAWAY -> {
                GoAway away = parse(GoAway.parser(), connection, at, length);
                throw new WireException("the server goes away: " + away.getReason());
            }
            default -> throw new WireException("an unexpected " + type + " frame");
        }
    }

    private static <T extends MessageLite> T parse(Parser<T> parser, Connection connection, long at, int length) {
        ReceiveBuffer received = connection.loop().received();
        try {
            return Frames.parse(parser, received.whole(), received.indexOf(at), length);
        } catch (ProtocolException e) {
            throw new WireException(String.valueOf(e.getMessage()));
        }
    }

    private static void send(Connection connection, FrameType type, MessageLite body) {
        ByteBuf out = Unpooled.directBuffer(FrameHeader.LENGTH + body.getSerializedSize());
        Frames.write(out, type, body);
        connection.send(out);
    }

    private void onHello(Connection connection, Hello hello) {
        if (hello.getVersionMin() > VERSION || hello.getVersionMax() < VERSION) {
            throw new WireException("the server does not speak version " + VERSION + " of the protocol");
        }
        int instance = random.nextInt() | 1;
        connection.instance(Integer.toUnsignedLong(instance));
        Connect connect = Connect.newBuilder()
                .setVersion(VERSION)
                .setToken(token)
                .setInstance(instance)
                .setClient("freshet-load")
                .build();
        send(connection, FrameType.CONNECT, connect);
    }

    private void onWelcome(Connection connection, Welcome welcome, long nowNs) {
        int channelCount = connection.channels().size();
        if (channelCount > welcome.getMaxOpenChannels()) {
            throw new WireException(
                    "a connection of " + channelCount + " channels; the server allows " + welcome.getMaxOpenChannels());
        }
        if (connection.loop().payloadLength() > welcome.getMaxPayloadLength()) {
            throw new WireException("a payload of " + connection.loop().payloadLength() + " bytes; the server allows "
                    + welcome.getMaxPayloadLength());
        }
        connection.maxInFlight(welcome.getMaxInFlight());
        connection.loop().heartbeat(TimeUnit.MILLISECONDS.toNanos(welcome.getHeartbeatMs()));
        if (channelCount == 0) {
            connection.onAllOpen(nowNs);
        }
        openMore(connection);
    }

    private void openMore(Connection connection) {
        while (connection.askedCount() < connection.channels().size()
                && connection.askedCount() - connection.openedCount() < MAX_OPENS_UNDER_WAY) {
            int index = connection.askedCount();
            connection.asked();
            open(connection, index);
        }
    }

    private void open(Connection connection, int index) {
        Open.Builder open = Open.newBuilder()
                .setRequest(index + 1L)
                .setName(connection.channels().get(index).name())
                .setCreate(true);
        if (!connection.isPublisher()) {
            long after = connection.resumesAfter(index);
            open.setCursor(after >= 0 ? after(after) : connection.isFromFirst() ? FROM_FIRST : LIVE)
                    .setMode(mode)
                    .setRate(rate);
        }
        send(connection, FrameType.OPEN, open.build());
    }

    private static Cursor after(long sequence) {
        return Cursor.newBuilder()
                .setAfter(Cursor.After.newBuilder().setSequence(sequence))
                .build();
    }

    private void onOpened(Connection connection, Opened opened, long nowNs) {
        int index = (int) opened.getRequest() - 1;
        if (index < 0 || index >= connection.channels().size()) {
            throw new WireException("an answer to what was not asked");
        }
        if (watches) {
            connection.counter().opened(opened.getChannel());
            send(connection, FrameType.SIGNAL, signal(connection).setWatch(true).build());
        }
        connection.onOpened(index, opened.getChannel(), opened.getHead(), nowNs);
        openMore(connection);
    }

    private static Signal.Builder signal(Connection connection) {
        return Signal.newBuilder().setChannel(connection.counter().channel());
    }

    @Override
    public void count(Connection connection, long more) {
        Count counted = Count.newBuilder().setName(HEARTS).setMore(more).build();
        send(connection, FrameType.SIGNAL, signal(connection).addCounts(counted).build());
    }

    private static void onSignal(Connection connection, Signal signal) {
        Meter meter = connection.meter();
        meter.delivered++;
        for (Count count : signal.getCountsList()) {
            boolean isOurs = count.getName().equals(HEARTS);
            meter.misordered += isOurs && !connection.counter().told(count.getTotal()) ? 1 : 0;
        }
    }

    /** Receipts come for every batch: read in place when the body has its usual form. */
    private static void onPublished(Connection connection, long at, int length, long nowNs) {
        long body = at + FrameHeader.LENGTH;
        if (length > FrameHeader.LENGTH + PUBLISHED_COUNT_OFFSET
                && UnsafeApi.getByte(body) == PUBLISHED_CHANNEL_TAG
                && UnsafeApi.getByte(body + PUBLISHED_NONCE_OFFSET - 1) == PUBLISHED_NONCE_TAG
                && UnsafeApi.getByte(body + PUBLISHED_COUNT_OFFSET - 1) == PUBLISHED_COUNT_TAG) {
            long count = 0;
            long end = at + length;
            long next = body + PUBLISHED_COUNT_OFFSET;
            for (int shift = 0; next < end; shift += VARINT_BITS) {
                byte bits = UnsafeApi.getByte(next++);
                count |= (bits & 0x7FL) << shift;
                if (bits >= 0) {
                    break;
                }
            }
            if (end - next == 1 + Long.BYTES && UnsafeApi.getByte(next) == PUBLISHED_SEQUENCE_TAG) {
                long nonce = UnsafeApi.getLong(body + PUBLISHED_NONCE_OFFSET);
                onReceipts(connection, UnsafeApi.getLong(body + 1), nonce, count, nowNs);
                return;
            }
        }
        Published published = parse(Published.parser(), connection, at, length);
        onReceipts(connection, published.getChannel(), published.getFirstNonce(), published.getCount(), nowNs);
    }

    private static void onReceipts(Connection connection, long channel, long nonce, long count, long nowNs) {
        Outlet outlet = connection.outlet(channel);
        if (outlet == null || !outlet.onReceipts(outlet.counterOf(nonce), count, nowNs, connection.meter())) {
            throw new WireException("a receipt for what was not sent, or out of order");
        }
    }

    /** A refused publish or a refused OPEN that may be repeated is repeated after the time that the server says. */
    private void onError(Connection connection, Error error, long nowNs) {
        String reason = "error " + error.getCode() + ": " + error.getMessage();
        boolean isRetried = error.getCode() / 100 == 1 || error.getCode() / 100 == 2;
        long pauseNs = TimeUnit.MILLISECONDS.toNanos(error.getRetryAfterMs());
        if (error.getCode() >= FIRST_CONNECTION_CODE || !isRetried) {
            throw new WireException(reason);
        }
        boolean isOfConnection = error.getRequest() == 0 && error.getChannel() == 0 && error.getCount() == 0;
        if (isOfConnection && connection.askedCount() == 0 && !connection.isOpen()) {
            connection.comeLater(pauseNs);
            return;
        }
        Outlet outlet = error.getCount() > 0 ? connection.outlet(error.getChannel()) : null;
        if (outlet != null) {
            long first = outlet.counterOf(error.getFirstNonce());
            outlet.onRefused(first, error.getCount(), nowNs + pauseNs, connection.meter());
        } else if (error.getRequest() > 0
                && error.getRequest() <= connection.channels().size()) {
            int index = (int) error.getRequest() - 1;
            connection.loop().schedule(() -> open(connection, index), pauseNs);
        } else {
            throw new WireException(reason);
        }
    }

    @Override
    public void ping(Connection connection) {
        send(
                connection,
                FrameType.PING,
                Ping.newBuilder().setToken(connection.lastSentNs()).build());
    }
}
