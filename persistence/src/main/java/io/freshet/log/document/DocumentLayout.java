package io.freshet.log.document;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * A document of the log, little-endian: an envelope (header, run table, record table) and the frames of its runs.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  | magic "FRSH"                                                  | 0
 *  +---------------------------------------------------------------+
 *  | CRC32C of the envelope from offset 8 to its end               | 4
 *  +---------------+---------------+-------------------------------+
 *  | version       | kind          | synced distance               | 8
 *  +---------------+---------------+-------------------------------+
 *  | envelope length                                               | 12
 *  +---------------------------------------------------------------+
 *  | frames length                                                 | 16
 *  +---------------------------------------------------------------+
 *  | epoch                                                         | 20
 *  +---------------------------------------------------------------+
 *  | position of this document in its log                          | 24
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  | latest time stamp of its records, microseconds since 1970     | 32
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  | run count                                                     | 40
 *  +---------------------------------------------------------------+
 *  | record count                                                  | 44
 *  +---------------------------------------------------------------+
 *  | run table: for each run, 40 bytes                             | 48
 *  |   0 channel              8 first sequence                     |
 *  |  16 position of the channel's last run in an earlier document |
 *  |  24 frames offset       28 frames length                      |
 *  |  32 record count        36 index of its first record          |
 *  +---------------------------------------------------------------+
 *  | record table: for each record, 16 bytes                       |
 *  |   0 offset               4 head length                        |
 *  |   8 CRC32C of the head  12 CRC32C of the payload              |
 *  +---------------------------------------------------------------+
 *  | frames                                                        |
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Offsets count from the start of the document. A document carries its own position so that one that was copied,
 * moved or overwritten is recognised, and so that a damaged file can be rebuilt with every position as it was.
 *
 * <p>The synced distance says how many positions before this document the last one lies that was known to be on the
 * device when this one was written; 0 when it was none, or farther away. So a document that a loss of power has left proves
 * up to where the log was acknowledged.
 */
public final class DocumentLayout {
    public static final int MAGIC = 0x48535246;
    public static final byte VERSION = 1;

    public static final int MAGIC_OFFSET = 0;
    public static final int CHECKSUM_OFFSET = 4;
    public static final int VERSION_OFFSET = 8;
    public static final int KIND_OFFSET = 9;
    public static final int SYNCED_DISTANCE_OFFSET = 10;
    public static final int ENVELOPE_LENGTH_OFFSET = 12;
    public static final int FRAMES_LENGTH_OFFSET = 16;
    public static final int EPOCH_OFFSET = 20;
    public static final int POSITION_OFFSET = 24;
    public static final int TIME_US_OFFSET = 32;
    public static final int RUN_COUNT_OFFSET = 40;
    public static final int RECORD_COUNT_OFFSET = 44;

    public static final int MAX_SYNCED_DISTANCE = 0xFFFF;

    /** Bytes before the run table. */
    public static final int HEADER_LENGTH = 48;

    public static final int RUN_CHANNEL_OFFSET = 0;
    public static final int RUN_FIRST_SEQUENCE_OFFSET = 8;
    public static final int RUN_PREVIOUS_POSITION_OFFSET = 16;
    public static final int RUN_FRAMES_OFFSET_OFFSET = 24;
    public static final int RUN_FRAMES_LENGTH_OFFSET = 28;
    public static final int RUN_RECORD_COUNT_OFFSET = 32;
    public static final int RUN_FIRST_RECORD_OFFSET = 36;

    /** Bytes of one entry of the run table. */
    public static final int RUN_LENGTH = 40;

    public static final int RECORD_OFFSET_OFFSET = 0;
    public static final int RECORD_HEAD_LENGTH_OFFSET = 4;
    public static final int RECORD_HEAD_CHECKSUM_OFFSET = 8;
    public static final int RECORD_PAYLOAD_CHECKSUM_OFFSET = 12;

    /** Bytes of one entry of the record table. */
    public static final int RECORD_LENGTH = 16;

    /** Byte order of every field. */
    public static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private DocumentLayout() {}

    /** Bytes of the envelope of a document with so many runs and records. */
    public static int envelopeLength(int runCount, int recordCount) {
        return HEADER_LENGTH + runCount * RUN_LENGTH + recordCount * RECORD_LENGTH;
    }

    static int runOffset(int run) {
        return HEADER_LENGTH + run * RUN_LENGTH;
    }

    static int recordOffset(int runCount, int record) {
        return HEADER_LENGTH + runCount * RUN_LENGTH + record * RECORD_LENGTH;
    }

    /** Position that the document at {@code offset} says it has. Borrows the buffer. */
    public static long position(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + POSITION_OFFSET, ORDER);
    }

    /** The latest time stamp of the records of the document at {@code offset}, in microseconds since 1970. Borrows the buffer. */
    public static long timeUs(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + TIME_US_OFFSET, ORDER);
    }

    /** Bytes of the whole document at {@code offset} as its header says. Borrows the buffer. */
    public static long documentLength(DirectBuffer buffer, int offset) {
        return (long) buffer.getInt(offset + ENVELOPE_LENGTH_OFFSET, ORDER)
                + buffer.getInt(offset + FRAMES_LENGTH_OFFSET, ORDER);
    }
}
