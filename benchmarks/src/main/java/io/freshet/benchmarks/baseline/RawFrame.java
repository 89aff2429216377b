package io.freshet.benchmarks.baseline;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The baselines' framing. All numbers are little-endian.
 *
 * <pre>
 *   0        4      5         7
 *   +--------+------+---------+------ - -
 *   | length | type | channel | body
 *   +--------+------+---------+------ - -
 *   length: bytes after this field
 * </pre>
 */
public final class RawFrame {
    public static final int LENGTH_OFFSET = 0;
    public static final int TYPE_OFFSET = 4;
    public static final int CHANNEL_OFFSET = 5;
    public static final int HEADER_LENGTH = 7;

    /** Bytes of the length field, which it does not count. */
    public static final int LENGTH_LENGTH = 4;

    /** Least and greatest value of the length field. */
    public static final int MIN_LENGTH_VALUE = HEADER_LENGTH - LENGTH_LENGTH;

    public static final int MAX_LENGTH_VALUE = 1 << 17;

    /** How many channels a header can name. */
    public static final int CHANNEL_COUNT = 1 << 16;

    /** Client to server: from now on the channel's messages, please; no body. */
    public static final int SUBSCRIBE = 1;

    /** Both ways: a message of the channel. */
    public static final int MESSAGE = 2;

    /** Server to client: how many messages of this connection are in the log, 8 bytes; the channel is the last one's. */
    public static final int ACK = 3;

    /** Server to client: the answer to {@link #SUBSCRIBE}; no body. */
    public static final int SUBSCRIBED = 4;

    /** Client to server: send so many messages of the stored file, 8 bytes. */
    public static final int STREAM = 6;

    private RawFrame() {}

    /** A frame without a body; the caller owns it. */
    static ByteBuf empty(ByteBufAllocator allocator, int type, int channel) {
        return allocator
                .directBuffer(HEADER_LENGTH)
                .writeIntLE(MIN_LENGTH_VALUE)
                .writeByte(type)
                .writeShortLE(channel);
    }

    /** A frame whose body is one number; the caller owns it. */
    static ByteBuf ofCount(ByteBufAllocator allocator, int type, int channel, long count) {
        return allocator
                .directBuffer(HEADER_LENGTH + Long.BYTES)
                .writeIntLE(MIN_LENGTH_VALUE + Long.BYTES)
                .writeByte(type)
                .writeShortLE(channel)
                .writeLongLE(count);
    }
}
