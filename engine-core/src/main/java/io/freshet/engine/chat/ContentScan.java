package io.freshet.engine.chat;

import io.freshet.protocol.RecordFrame;
import org.agrona.DirectBuffer;

/** A look at the fields of a stored post's content without taking it apart. Allocates nothing. */
final class ContentScan {
    private static final int MENTIONS_TAG = 2 << 3 | 2;

    private static final int WIRE_TYPE = 7;
    private static final int VARINT = 0;
    private static final int I64 = 1;
    private static final int LEN = 2;
    private static final int I32 = 5;

    private ContentScan() {}

    /** Whether the content of the POST in this frame has mentions; true as well where the bytes are no fields. Borrows the buffer. */
    static boolean mayMention(DirectBuffer buffer, int offset, int length) {
        int end = offset + length;
        int at = afterVarint(buffer, offset + RecordFrame.PAYLOAD_LENGTH_OFFSET, end);
        while (at < end) {
            int tag = buffer.getByte(at);
            if (tag == MENTIONS_TAG || tag < 0) {
                return true;
            }
            at = afterField(buffer, tag & WIRE_TYPE, at + 1, end);
        }
        return at != end;
    }

    /** Where the field's value ends; beyond the end when it does not end. */
    private static int afterField(DirectBuffer buffer, int wireType, int at, int end) {
        return switch (wireType) {
            case VARINT -> afterVarint(buffer, at, end);
            case I64 -> at + Long.BYTES;
            case I32 -> at + Integer.BYTES;
            case LEN -> afterBytes(buffer, at, end);
            default -> end + 1;
        };
    }

    private static int afterVarint(DirectBuffer buffer, int start, int end) {
        int at = start;
        while (at < end && buffer.getByte(at) < 0) {
            at++;
        }
        return at + 1;
    }

    private static int afterBytes(DirectBuffer buffer, int start, int end) {
        long length = 0;
        int at = start;
        for (int shift = 0; at < end && shift < Integer.SIZE; shift += 7) {
            byte next = buffer.getByte(at++);
            length |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return (int) Math.min(at + length, end + 1L);
            }
        }
        return end + 1;
    }
}
