package io.freshet.engine.notice;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What an inbox says of a channel.
 *
 * <pre>
 *  0          8          16
 *  +----------+----------+
 *  | readUpTo | said     |
 *  +----------+----------+
 * </pre>
 *
 * @param readUpTo the channel's records up to this sequence are read
 * @param said sequence of the event that said it last
 */
record ReadPosition(long readUpTo, long said) {
    static final int LENGTH = 2 * Long.BYTES;

    static ReadPosition read(DirectBuffer value, int offset) {
        return new ReadPosition(
                value.getLong(offset, LITTLE_ENDIAN), value.getLong(offset + Long.BYTES, LITTLE_ENDIAN));
    }

    void write(MutableDirectBuffer value) {
        value.putLong(0, readUpTo, LITTLE_ENDIAN);
        value.putLong(Long.BYTES, said, LITTLE_ENDIAN);
    }

    /** It only rises. */
    ReadPosition and(ReadPosition other) {
        return new ReadPosition(Math.max(readUpTo, other.readUpTo), Math.max(said, other.said));
    }
}
