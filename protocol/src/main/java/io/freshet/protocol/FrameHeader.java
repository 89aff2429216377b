package io.freshet.protocol;

import io.netty.buffer.ByteBuf;

/**
 * The 8 bytes before every frame's body, little-endian.
 *
 * <pre>
 *   0               4       5       6               8
 *   +---------------+-------+-------+---------------+----------------------+
 *   | length u32    | type  | flags | kind u16      | body (Protobuf)      |
 *   +---------------+-------+-------+---------------+----------------------+
 * </pre>
 *
 * {@code length} counts the bytes after the length field, so a frame takes {@code length + 4} bytes. {@code kind} is the
 * kind of channel event in a {@code RECORD} and 0 in every other frame.
 */
public final class FrameHeader {
    /** Bytes of the header. */
    public static final int LENGTH = 8;

    public static final int LENGTH_OFFSET = 0;
    public static final int TYPE_OFFSET = 4;
    public static final int FLAGS_OFFSET = 5;
    public static final int KIND_OFFSET = 6;

    /** Smallest legal value of the length field: type, flags and kind with an empty body. */
    public static final int MIN_LENGTH_FIELD = LENGTH - TYPE_OFFSET;

    /** A frame of an unknown type with this flag may be skipped. */
    public static final int FLAG_IGNORABLE = 1;

    /** The payload of this record was erased: its bytes are zero. */
    public static final int FLAG_ERASED = 1 << 1;

    /** The body is compressed; never set on stored records. */
    public static final int FLAG_COMPRESSED = 1 << 2;

    /** The server has checked this record against what it names before it kept it. */
    public static final int FLAG_CHECKED = 1 << 3;

    private FrameHeader() {}

    /** Writes a header at {@code index}; {@code bodyLength} is the number of bytes that follow it. Borrows the buffer. */
    public static void put(ByteBuf buffer, int index, FrameType type, int flags, int kind, int bodyLength) {
        buffer.setIntLE(index + LENGTH_OFFSET, bodyLength + MIN_LENGTH_FIELD);
        buffer.setByte(index + TYPE_OFFSET, type.code());
        buffer.setByte(index + FLAGS_OFFSET, flags);
        buffer.setShortLE(index + KIND_OFFSET, kind);
    }

    /** Bytes of the whole frame, as its length field says; unsigned. */
    public static long frameLength(ByteBuf buffer, int index) {
        return buffer.getUnsignedIntLE(index + LENGTH_OFFSET) + TYPE_OFFSET;
    }

    public static int typeCode(ByteBuf buffer, int index) {
        return buffer.getUnsignedByte(index + TYPE_OFFSET);
    }

    public static int flags(ByteBuf buffer, int index) {
        return buffer.getUnsignedByte(index + FLAGS_OFFSET);
    }

    public static int kind(ByteBuf buffer, int index) {
        return buffer.getUnsignedShortLE(index + KIND_OFFSET);
    }
}
