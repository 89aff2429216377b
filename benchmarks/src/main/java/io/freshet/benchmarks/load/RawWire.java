package io.freshet.benchmarks.load;

import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.agrona.UnsafeApi;

/**
 * The framing of the baselines, little-endian, without a conversation.
 *
 * <pre>
 *   0               4       5               7
 *   +---------------+-------+---------------+----------------------+
 *   | length u32    | type  | channel u16   | body                 |
 *   +---------------+-------+---------------+----------------------+
 * </pre>
 *
 * {@code length} counts the bytes after itself. A message is padded before its payload, so that its frame is as long as
 * the record that carries the same payload.
 */
final class RawWire implements Wire {
    static final int HEADER_LENGTH = 7;

    private static final int LENGTH_LENGTH = 4;
    private static final int TYPE_OFFSET = 4;
    private static final int CHANNEL_OFFSET = 5;
    private static final int SUBSCRIBE = 1;
    private static final int MESSAGE = 2;
    private static final int ACKNOWLEDGED = 3;
    private static final int SUBSCRIBED = 4;
    private static final int STREAM = 6;
    /** Messages of this wire have none. */
    private static final long NO_SEQUENCE = 0;

    private final int messageLength;
    private final int payloadLength;

    RawWire(int payloadLength) {
        this.payloadLength = payloadLength;
        messageLength = RecordFrame.frameLength(payloadLength);
    }

    @Override
    public void onConnected(Connection connection) {
        if (connection.isPublisher()) {
            for (int i = 0; i < connection.channels().size(); i++) {
                connection.onOpened(
                        i,
                        connection.channels().get(i).index(),
                        0,
                        connection.loop().nowNs());
            }
            return;
        }
        if (connection.isFromFirst()) {
            stream(connection);
            return;
        }
        if (connection.channels().isEmpty()) {
            connection.onAllOpen(connection.loop().nowNs());
            return;
        }
        ByteBuf out = Unpooled.directBuffer(connection.channels().size() * HEADER_LENGTH);
        for (LoadChannel channel : connection.channels()) {
            connection.asked();
            writeHeader(out, 0, SUBSCRIBE, channel.index());
        }
        connection.send(out);
    }

    /** Asks for all that the channels hold together: the server has it as one file. */
    private static void stream(Connection connection) {
        long count = 0;
        for (int i = 0; i < connection.channels().size(); i++) {
            LoadChannel channel = connection.channels().get(i);
            connection.onOpened(i, channel.index(), 0, connection.loop().nowNs());
            count += channel.publishedCount();
        }
        ByteBuf out = Unpooled.directBuffer(HEADER_LENGTH + Long.BYTES);
        writeHeader(out, Long.BYTES, STREAM, 0);
        connection.send(out.writeLongLE(count));
    }

    private static void writeHeader(ByteBuf out, int bodyLength, int type, int channel) {
        out.writeIntLE(HEADER_LENGTH - LENGTH_LENGTH + bodyLength);
        out.writeByte(type);
        out.writeShortLE(channel);
    }

    @Override
    public FrameTemplate template(long channelId, int length) {
        int padded = RecordFrame.frameLength(length) - HEADER_LENGTH;
        ByteBuf head = Unpooled.buffer();
        writeHeader(head, padded, MESSAGE, (int) channelId);
        head.writeZero(padded - length);
        return new FrameTemplate(head, length, FrameTemplate.NO_NONCE);
    }

    @Override
    public long onBytes(Connection connection, long from, long end, long nowNs) {
        long at = from;
        while (end - at >= HEADER_LENGTH) {
            int length = UnsafeApi.getInt(at) + LENGTH_LENGTH;
            if (length < HEADER_LENGTH || length > ReceiveBuffer.MAX_FRAME_LENGTH) {
                throw new WireException("a frame of " + Integer.toUnsignedString(length) + " bytes");
            }
            if (end - at < length) {
                break;
            }
            int channel = UnsafeApi.getShort(at + CHANNEL_OFFSET) & 0xFFFF;
            if (UnsafeApi.getByte(at + TYPE_OFFSET) == MESSAGE) {
                if (length == messageLength) {
                    connection.onMessage(channel, NO_SEQUENCE, at + length - payloadLength, payloadLength, nowNs);
                } else {
                    connection.meter().stray++;
                }
            } else {
                onControl(connection, at, length, channel, nowNs);
            }
            at += length;
        }
        return at;
    }

    private static void onControl(Connection connection, long at, int length, int channel, long nowNs) {
        int type = UnsafeApi.getByte(at + TYPE_OFFSET);
        if (type == SUBSCRIBED && connection.openedCount() < connection.askedCount()) {
            connection.onOpened(connection.openedCount(), channel, 0, nowNs);
        } else if (type == ACKNOWLEDGED && length == HEADER_LENGTH + Long.BYTES) {
            onReceipts(connection, UnsafeApi.getLong(at + HEADER_LENGTH), nowNs);
        } else {
            throw new WireException("an unexpected frame of type " + type);
        }
    }

    /** {@code total} counts all messages of the connection, which speaks to its channels strictly in turn. */
    private static void onReceipts(Connection connection, long total, long nowNs) {
        List<Outlet> outlets = connection.outlets();
        int count = outlets.size();
        for (int i = 0; i < count; i++) {
            long own = total / count + (i < total % count ? 1 : 0);
            if (!outlets.get(i).onReceiptsUpTo(own, nowNs, connection.meter())) {
                throw new WireException("a receipt for what was not sent");
            }
        }
    }

    @Override
    public void count(Connection connection, long more) {}

    @Override
    public void ping(Connection connection) {}
}
