package io.freshet.log.chronicle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.agrona.collections.LongArrayList;

/**
 * Chronicle's own bytes in a roll file, as far as they must be sound for Chronicle to be let near it: with a false index
 * or write position it would scan without end, read past the file or give documents wrong positions.
 *
 * <pre>
 *   0     header, metadata: write position at 64, sequence of that position at 72, offset of the index of indexes at
 *         152, next entry to be indexed at 176; the rest is the same in every file of this roll cycle
 *   200   index of indexes, metadata: ends with capacity, used count and 8,192 offsets of indexes
 *   ...   documents and indexes: a header of 4 bytes (length, metadata bit 30, incomplete bit 31), aligned to 4
 *         an index ends with capacity, used count and 8,192 offsets, one for every 64th document
 * </pre>
 */
final class RollFileFormat {
    static final int METADATA_BIT = 1 << 30;
    static final int INCOMPLETE_BIT = 1 << 31;
    static final int LENGTH_MASK = METADATA_BIT - 1;

    /** Header of the end of a file that another follows; a few bytes come after it. */
    static final int END_OF_FILE = METADATA_BIT | INCOMPLETE_BIT;

    static final int END_OF_FILE_LENGTH = 16;

    /** Bytes of the header document with its own length; a fixed part of what is checked. */
    static final int HEADER_LENGTH = 200;

    /** CRC32C of the header with its four changing numbers as zero, as Chronicle Queue 2026.4 writes it. */
    static final int HEADER_CHECKSUM = 0x325bd0ea;

    private static final int WRITE_POSITION_OFFSET = 64;
    private static final int WRITE_SEQUENCE_OFFSET = 72;
    private static final int INDEX_OFFSET_OFFSET = 152;
    private static final int NEXT_INDEXED_OFFSET = 176;
    private static final int INDEX_COUNT = RollFiles.CYCLE.defaultIndexCount();
    private static final int INDEX_SPACING = RollFiles.CYCLE.defaultIndexSpacing();

    private RollFileFormat() {}

    /** About how many bytes of a file hold something: up to the start of its last document, and never 0. */
    static long usedLength(Path file) throws IOException {
        ByteBuffer position = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.read(position, WRITE_POSITION_OFFSET);
            long used = position.flip().remaining() == Long.BYTES ? position.getLong() : 0;
            return Math.max(HEADER_LENGTH, Math.min(used, channel.size()));
        }
    }

    static long aligned(long offset) {
        return offset + 3 & ~3L;
    }

    /** Checksum of what does not change in the header. */
    static int headerChecksum(FileWindow window) throws IOException {
        CRC32C crc = new CRC32C();
        if (window.reach(0, HEADER_LENGTH)) {
            for (int at = 0; at < HEADER_LENGTH; at += Long.BYTES) {
                boolean isChanging = at == WRITE_POSITION_OFFSET
                        || at == WRITE_SEQUENCE_OFFSET
                        || at == INDEX_OFFSET_OFFSET
                        || at == NEXT_INDEXED_OFFSET;
                long word = isChanging ? 0 : window.longAt(at);
                for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
                    crc.update((int) (word >>> shift) & 0xFF);
                }
            }
        }
        return (int) crc.getValue();
    }

    /**
     * Whether Chronicle's numbers fit the documents that were found.
     *
     * @param marks offset of every 64th document
     * @param metadata offsets of the metadata documents after the header: index of indexes, then indexes
     * @param offsets answers whether a document starts at an offset and which sequence it has
     */
    static boolean isSound(
            FileWindow window, long documentCount, LongArrayList marks, LongArrayList metadata, Offsets offsets)
            throws IOException {
        if (headerChecksum(window) != HEADER_CHECKSUM || metadata.isEmpty()) {
            return false;
        }
        long writePosition = window.longAt(WRITE_POSITION_OFFSET);
        long writeSequence = window.longAt(WRITE_SEQUENCE_OFFSET);
        long nextIndexed = window.longAt(NEXT_INDEXED_OFFSET);
        if (window.longAt(INDEX_OFFSET_OFFSET) != metadata.getLong(0)
                || nextIndexed < 0
                || nextIndexed > documentCount + INDEX_SPACING
                || !isWritePositionSound(writePosition, writeSequence, documentCount, offsets)) {
            return false;
        }
        for (int i = 0; i < metadata.size(); i++) {
            if (!isIndexSound(window, i, metadata, marks)) {
                return false;
            }
        }
        return true;
    }

    /** The write position lags by one document at most, when the process died between the two. */
    private static boolean isWritePositionSound(long position, long sequence, long documentCount, Offsets offsets) {
        if (documentCount <= 1 && position == 0) {
            return true;
        }
        long found = offsets.sequenceAt(position);
        boolean isPaired = (int) sequence == (int) position;
        return found >= documentCount - 2 && found >= 0 && (!isPaired || sequence >>> Integer.SIZE == found);
    }

    private static boolean isIndexSound(FileWindow window, int number, LongArrayList metadata, LongArrayList marks)
            throws IOException {
        long start = metadata.getLong(number);
        if (!window.reach(start, Integer.BYTES)) {
            return false;
        }
        int length = (window.intAt(start) & LENGTH_MASK) + Integer.BYTES;
        int tableLength = (INDEX_COUNT + 2) * Long.BYTES;
        if (length < tableLength || !window.reach(start, length)) {
            return false;
        }
        long table = start + length - tableLength;
        long used = window.longAt(table + Long.BYTES);
        if (window.longAt(table) != INDEX_COUNT || used < 0 || used > INDEX_COUNT) {
            return false;
        }
        for (int i = 0; i < INDEX_COUNT; i++) {
            long value = window.longAt(table + (long) (i + 2) * Long.BYTES);
            if (value != 0 && value != expected(number, i, metadata, marks)) {
                return false;
            }
        }
        return true;
    }

    private static long expected(int number, int entry, LongArrayList metadata, LongArrayList marks) {
        if (number == 0) {
            return entry + 1 < metadata.size() ? metadata.getLong(entry + 1) : -1;
        }
        long mark = (long) (number - 1) * INDEX_COUNT + entry;
        return mark < marks.size() ? marks.getLong((int) mark) : -1;
    }

    /** Where documents start. */
    @FunctionalInterface
    interface Offsets {
        /** Sequence in the file of the document at the offset, or -1. */
        long sequenceAt(long offset);
    }
}
