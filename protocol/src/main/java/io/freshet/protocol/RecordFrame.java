package io.freshet.protocol;

import com.google.protobuf.ByteString;
import io.freshet.protocol.v1.Record;
import io.netty.buffer.ByteBuf;

/**
 * A RECORD frame in its canonical form, read and stamped in place. Offsets are from the start of the frame.
 *
 * <pre>
 *   0        8  9        17 18       26 27       35 36       44 45       53  54
 *   +--------+--+--------+--+--------+--+--------+--+--------+--+--------+--+---------+
 *   | header |09|channel |11|sequence|19|time us |21|sender  |29|nonce   |32|len| payload
 *   +--------+--+--------+--+--------+--+--------+--+--------+--+--------+--+---------+
 * </pre>
 *
 * <p>The single bytes are Protobuf tags, {@code len} is a varint in its shortest form, and the payload ends exactly where
 * the frame ends. Whatever else is a legal {@code Record} is parsed and encoded again before it is admitted: a second
 * {@code sender} behind the payload would otherwise forge what clients read, since in Protobuf the last value wins.
 */
public final class RecordFrame {
    public static final int CHANNEL_OFFSET = 9;
    public static final int SEQUENCE_OFFSET = 18;
    public static final int TIMESTAMP_US_OFFSET = 27;
    public static final int SENDER_OFFSET = 36;
    public static final int NONCE_OFFSET = 45;
    public static final int PAYLOAD_LENGTH_OFFSET = 54;

    /** Bytes before the payload of a canonical record with the shortest length varint. */
    public static final int MIN_LENGTH = PAYLOAD_LENGTH_OFFSET + 1;

    private static final byte CHANNEL_TAG = 0x09;
    private static final byte SEQUENCE_TAG = 0x11;
    private static final byte TIMESTAMP_TAG = 0x19;
    private static final byte SENDER_TAG = 0x21;
    private static final byte NONCE_TAG = 0x29;
    private static final byte PAYLOAD_TAG = 0x32;

    private RecordFrame() {}

    /** Whether the frame of {@code frameLength} bytes at {@code index} is in canonical form. Borrows the buffer. */
    public static boolean isCanonical(ByteBuf buffer, int index, int frameLength) {
        if (frameLength < MIN_LENGTH
                || buffer.getByte(index + CHANNEL_OFFSET - 1) != CHANNEL_TAG
                || buffer.getByte(index + SEQUENCE_OFFSET - 1) != SEQUENCE_TAG
                || buffer.getByte(index + TIMESTAMP_US_OFFSET - 1) != TIMESTAMP_TAG
                || buffer.getByte(index + SENDER_OFFSET - 1) != SENDER_TAG
                || buffer.getByte(index + NONCE_OFFSET - 1) != NONCE_TAG
                || buffer.getByte(index + PAYLOAD_LENGTH_OFFSET - 1) != PAYLOAD_TAG) {
            return false;
        }
        int payloadLength = payloadLength(buffer, index, frameLength);
        return payloadLength >= 0
                && PAYLOAD_LENGTH_OFFSET + varintLength(payloadLength) + payloadLength == frameLength
                && isShortestVarint(buffer, index + PAYLOAD_LENGTH_OFFSET, payloadLength);
    }

    /** Bytes of a canonical frame that carries a payload of this length. */
    public static int frameLength(int payloadLength) {
        return PAYLOAD_LENGTH_OFFSET + varintLength(payloadLength) + payloadLength;
    }

    /** Bytes before the payload in a canonical frame of {@code frameLength} bytes. */
    public static int payloadOffset(ByteBuf buffer, int index, int frameLength) {
        return PAYLOAD_LENGTH_OFFSET + varintLength(payloadLength(buffer, index, frameLength));
    }

    public static long channel(ByteBuf buffer, int index) {
        return buffer.getLongLE(index + CHANNEL_OFFSET);
    }

    public static long sequence(ByteBuf buffer, int index) {
        return buffer.getLongLE(index + SEQUENCE_OFFSET);
    }

    public static long timestampUs(ByteBuf buffer, int index) {
        return buffer.getLongLE(index + TIMESTAMP_US_OFFSET);
    }

    public static long sender(ByteBuf buffer, int index) {
        return buffer.getLongLE(index + SENDER_OFFSET);
    }

    public static long nonce(ByteBuf buffer, int index) {
        return buffer.getLongLE(index + NONCE_OFFSET);
    }

    /** Overwrites what the engine owns, flags included, in a frame that is canonical. Borrows the buffer. */
    public static void stamp(ByteBuf buffer, int index, long sequence, long timestampUs, long sender) {
        buffer.setByte(index + FrameHeader.FLAGS_OFFSET, 0);
        buffer.setLongLE(index + SEQUENCE_OFFSET, sequence);
        buffer.setLongLE(index + TIMESTAMP_US_OFFSET, timestampUs);
        buffer.setLongLE(index + SENDER_OFFSET, sender);
    }

    /**
     * Writes everything of a canonical frame but its payload at the writer index and moves it to where
     * {@code payloadLength} bytes of payload belong. Borrows the buffer, which grows when it must.
     */
    public static void writeHead(
            ByteBuf out,
            int kind,
            long channel,
            long sequence,
            long timestampUs,
            long sender,
            long nonce,
            int payloadLength) {
        int frameLength = frameLength(payloadLength);
        out.ensureWritable(frameLength);
        int index = out.writerIndex();
        FrameHeader.put(out, index, FrameType.RECORD, 0, kind, frameLength - FrameHeader.LENGTH);
        putField(out, index + CHANNEL_OFFSET, CHANNEL_TAG, channel);
        putField(out, index + SEQUENCE_OFFSET, SEQUENCE_TAG, sequence);
        putField(out, index + TIMESTAMP_US_OFFSET, TIMESTAMP_TAG, timestampUs);
        putField(out, index + SENDER_OFFSET, SENDER_TAG, sender);
        putField(out, index + NONCE_OFFSET, NONCE_TAG, nonce);
        out.setByte(index + PAYLOAD_LENGTH_OFFSET - 1, PAYLOAD_TAG);
        out.writerIndex(index + PAYLOAD_LENGTH_OFFSET);
        int rest = payloadLength;
        while (rest > 0x7F) {
            out.writeByte(rest | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    /**
     * Appends the canonical form of the legal Record in the frame at {@code index}: same kind and fields, where of a
     * repeated field the last counts, absent fields 0 or empty, unknown fields and flags dropped. Borrows both buffers;
     * {@code out} grows when it must. Off the hot path: it allocates.
     *
     * @return bytes appended
     * @throws ProtocolException with MALFORMED when the body is not a Record; nothing is appended then
     */
    public static int reencode(ByteBuf buffer, int index, int frameLength, ByteBuf out) {
        Record record = Frames.parse(Record.parser(), buffer, index, frameLength);
        ByteString payload = record.getPayload();
        writeHead(
                out,
                FrameHeader.kind(buffer, index),
                record.getChannel(),
                record.getSequence(),
                record.getTimestampUs(),
                record.getSender(),
                record.getNonce(),
                payload.size());
        out.writeBytes(payload.asReadOnlyByteBuffer());
        return frameLength(payload.size());
    }

    private static void putField(ByteBuf out, int valueIndex, byte tag, long value) {
        out.setByte(valueIndex - 1, tag);
        out.setLongLE(valueIndex, value);
    }

    /** The payload length of the frame, or -1 when its varint is broken, over 31 bits or runs past the frame. */
    private static int payloadLength(ByteBuf buffer, int index, int frameLength) {
        int at = index + PAYLOAD_LENGTH_OFFSET;
        int end = index + frameLength;
        long value = 0;
        for (int shift = 0; shift < 35 && at < end; shift += 7) {
            byte b = buffer.getByte(at++);
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value <= Integer.MAX_VALUE ? (int) value : -1;
            }
        }
        return -1;
    }

    private static boolean isShortestVarint(ByteBuf buffer, int at, int value) {
        return buffer.getByte(at + varintLength(value) - 1) >= 0;
    }

    private static int varintLength(int value) {
        return (38 - Integer.numberOfLeadingZeros(value | 1)) / 7;
    }
}
