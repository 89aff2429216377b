package io.freshet.protocol;

import io.netty.buffer.ByteBuf;

/**
 * The SIGNAL frame that comes most often, one increment of one counter, read in place. Offsets are from the start of the frame.
 *
 * <pre>
 *   0        8  9        17 18  19 20  21
 *   +--------+--+--------+--+---+--+---+--------+--+--------+
 *   | header |09|channel |22|len|0a|len| name   |10| varint |
 *   +--------+--+--------+--+---+--+---+--------+--+--------+
 * </pre>
 *
 * <p>Whatever else is a legal {@code Signal} is parsed as Protobuf is.
 */
public final class SignalFrame {
    /** Bytes of the longest name of a counter. */
    public static final int NAME_LENGTH = 32;

    /** Increments that one signal may add to a counter. */
    public static final long MAX_MORE = 10_000;

    /** Counters that one signal may name, and that a channel may have. */
    public static final int COUNTER_COUNT = 16;

    /** An application's own signals that one frame may hold, and that a channel takes in one tick. */
    public static final int SAID_COUNT = 16;

    /** Bytes of the longest body of an application's own signal. */
    public static final int BODY_LENGTH = 256;

    /** Principals who are writing that are named; when there are more only their number is told. */
    public static final int NAMED_TYPISTS = 10;

    /** Posts that are pinned that are named, those pinned last; of more only the number is told. */
    public static final int NAMED_PINS = 10;

    /** Where the name of a counter begins. */
    public static final int NAME_OFFSET = 21;

    private static final int CHANNEL_OFFSET = 9;
    private static final int COUNT_TAG_OFFSET = 17;
    private static final int COUNT_LENGTH_OFFSET = 18;
    private static final int NAME_TAG_OFFSET = 19;
    private static final int NAME_LENGTH_OFFSET = 20;
    private static final byte CHANNEL_TAG = 0x09;
    private static final byte COUNT_TAG = 0x22;
    private static final byte NAME_TAG = 0x0A;
    private static final byte MORE_TAG = 0x10;
    private static final int MAX_VARINT_LENGTH = 3;

    private SignalFrame() {}

    /**
     * Whether the frame of {@code frameLength} bytes at {@code index} is one increment of one counter, with a name and an amount that
     * are short enough. Borrows the buffer.
     */
    public static boolean isCount(ByteBuf buffer, int index, int frameLength) {
        if (frameLength < NAME_OFFSET + 3
                || buffer.getByte(index + CHANNEL_OFFSET - 1) != CHANNEL_TAG
                || buffer.getByte(index + COUNT_TAG_OFFSET) != COUNT_TAG
                || buffer.getByte(index + COUNT_LENGTH_OFFSET) != frameLength - NAME_TAG_OFFSET
                || buffer.getByte(index + NAME_TAG_OFFSET) != NAME_TAG) {
            return false;
        }
        int nameLength = nameLength(buffer, index);
        int varintOffset = NAME_OFFSET + nameLength + 1;
        int varintLength = frameLength - varintOffset;
        if (nameLength < 1
                || nameLength > NAME_LENGTH
                || varintLength < 1
                || varintLength > MAX_VARINT_LENGTH
                || buffer.getByte(index + varintOffset - 1) != MORE_TAG
                || buffer.getByte(index + frameLength - 1) < 0) {
            return false;
        }
        for (int i = 0; i < varintLength - 1; i++) {
            if (buffer.getByte(index + varintOffset + i) >= 0) {
                return false;
            }
        }
        return true;
    }

    public static long channel(ByteBuf buffer, int index) {
        return buffer.getLongLE(index + CHANNEL_OFFSET);
    }

    /** Bytes of the counter's name, which begins at {@link #NAME_OFFSET}. */
    public static int nameLength(ByteBuf buffer, int index) {
        return buffer.getByte(index + NAME_LENGTH_OFFSET);
    }

    /** How much is to be added. */
    public static long more(ByteBuf buffer, int index, int frameLength) {
        long value = 0;
        int at = index + NAME_OFFSET + nameLength(buffer, index) + 1;
        for (int shift = 0; at < index + frameLength; shift += 7) {
            value |= (long) (buffer.getByte(at++) & 0x7F) << shift;
        }
        return value;
    }
}
