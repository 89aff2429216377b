package io.freshet.log.index;

import static io.freshet.log.index.IndexKeys.VALUE_ORDER;

import io.freshet.log.LogDocument;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * How a snapshot document tells what an index cannot fold from the rest of its log, little-endian:
 *
 * <pre>
 *  header  magic "FSNP" u32 | version u32 | position u64: of the document with which the log began when this was written
 *  END     1 u8 | channel u64 | last sequence u64 | position of its last document u64 | last time us u64
 *  STATE   2 u8 | follower u32 | channel u64 | key1 u64 | key2 u64 | length u32 | what the follower put
 * </pre>
 */
final class SnapshotLayout {
    static final int HEADER_LENGTH = 16;
    static final int END_LENGTH = 33;
    static final int STATE_HEAD_LENGTH = 33;

    private static final int MAGIC = 0x504E5346;
    private static final int VERSION = 1;
    private static final int OLDEST_OFFSET = 8;
    private static final byte END = 1;
    private static final byte STATE = 2;

    /** Takes what a snapshot tells; buffers are borrowed during the call. */
    interface Visitor {
        void onEnd(long channel, long lastSequence, long lastPosition, long lastTimeUs);

        void onState(int follower, long channel, long key1, long key2, DirectBuffer value, int offset, int length);
    }

    private SnapshotLayout() {}

    /** Writes the header; returns the offset behind it. */
    static int putHeader(MutableDirectBuffer out, long oldest) {
        out.putInt(0, MAGIC, VALUE_ORDER);
        out.putInt(4, VERSION, VALUE_ORDER);
        out.putLong(OLDEST_OFFSET, oldest, VALUE_ORDER);
        return HEADER_LENGTH;
    }

    /** Writes an END at {@code at}; the value is that of a TAIL without its first number. Returns the offset behind it. */
    static int putEnd(MutableDirectBuffer out, int at, long channel, DirectBuffer tail) {
        out.putByte(at, END);
        out.putLong(at + 1, channel, VALUE_ORDER);
        out.putBytes(at + 9, tail, Long.BYTES, 3 * Long.BYTES);
        return at + END_LENGTH;
    }

    /** Writes a STATE at {@code at} from its key and value in the index; returns the offset behind it. */
    static int putState(MutableDirectBuffer out, int at, DirectBuffer key, DirectBuffer value) {
        out.putByte(at, STATE);
        out.putInt(at + 1, key.getInt(0, IndexKeys.KEY_ORDER), VALUE_ORDER);
        out.putLong(at + 5, key.getLong(4, IndexKeys.KEY_ORDER), VALUE_ORDER);
        out.putLong(at + 13, key.getLong(12, IndexKeys.KEY_ORDER), VALUE_ORDER);
        out.putLong(at + 21, key.getLong(20, IndexKeys.KEY_ORDER), VALUE_ORDER);
        out.putInt(at + 29, value.capacity(), VALUE_ORDER);
        out.putBytes(at + STATE_HEAD_LENGTH, value, 0, value.capacity());
        return at + STATE_HEAD_LENGTH + value.capacity();
    }

    /**
     * Whether the document is a snapshot of this kind that an index needs which was built from {@code builtFrom} on: one that has not
     * seen all that the log had then. How far the freeing came that the snapshot was written for does not count, since it may
     * have ended between two files.
     */
    static boolean isNeeded(LogDocument document, long builtFrom) {
        DirectBuffer in = document.buffer();
        int at = document.recordOffset(0, 0);
        return document.isIntact(0, 0)
                && document.recordLength(0, 0) >= HEADER_LENGTH
                && in.getInt(at, VALUE_ORDER) == MAGIC
                && in.getInt(at + 4, VALUE_ORDER) == VERSION
                && builtFrom > in.getLong(at + OLDEST_OFFSET, VALUE_ORDER);
    }

    /** Hands everything in a snapshot that {@link #isNeeded} to the visitor. */
    static void read(LogDocument document, Visitor visitor) {
        DirectBuffer in = document.buffer();
        int at = document.recordOffset(0, 0) + HEADER_LENGTH;
        int end = document.recordOffset(0, 0) + document.recordLength(0, 0);
        while (at < end) {
            if (in.getByte(at) == END) {
                visitor.onEnd(
                        in.getLong(at + 1, VALUE_ORDER),
                        in.getLong(at + 9, VALUE_ORDER),
                        in.getLong(at + 17, VALUE_ORDER),
                        in.getLong(at + 25, VALUE_ORDER));
                at += END_LENGTH;
            } else {
                int length = in.getInt(at + 29, VALUE_ORDER);
                visitor.onState(
                        in.getInt(at + 1, VALUE_ORDER),
                        in.getLong(at + 5, VALUE_ORDER),
                        in.getLong(at + 13, VALUE_ORDER),
                        in.getLong(at + 21, VALUE_ORDER),
                        in,
                        at + STATE_HEAD_LENGTH,
                        length);
                at += STATE_HEAD_LENGTH + length;
            }
        }
    }
}
