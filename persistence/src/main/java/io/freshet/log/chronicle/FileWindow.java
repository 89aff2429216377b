package io.freshet.log.chronicle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** A piece of a file in memory, moved as it is asked for. Reads by copy, so that a file that shrinks does no harm. */
final class FileWindow {
    private static final int STEP = 1 << 20;

    private final FileChannel channel;
    private final long fileLength;
    private ByteBuffer bytes = ByteBuffer.allocateDirect(STEP);
    private final UnsafeBuffer view = new UnsafeBuffer(bytes);
    private long start;
    private int length;

    FileWindow(FileChannel channel) throws IOException {
        this.channel = channel;
        fileLength = channel.size();
    }

    long fileLength() {
        return fileLength;
    }

    /** Makes the bytes readable; false when the file ends before. */
    boolean reach(long offset, int count) throws IOException {
        if (offset >= start && offset + count <= start + length) {
            return true;
        }
        if (offset + count > fileLength) {
            return false;
        }
        if (count > bytes.capacity()) {
            bytes = ByteBuffer.allocateDirect(count + STEP);
            view.wrap(bytes);
        }
        bytes.clear();
        start = offset;
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, start + bytes.position());
            if (read < 0) {
                break;
            }
        }
        length = bytes.position();
        return count <= length;
    }

    /** A number within what was reached; little-endian. */
    int intAt(long offset) {
        return view.getInt((int) (offset - start), ByteOrder.LITTLE_ENDIAN);
    }

    /** A number within what was reached; little-endian. */
    long longAt(long offset) {
        return view.getLong((int) (offset - start), ByteOrder.LITTLE_ENDIAN);
    }

    /** Where a byte that was reached lies in memory, until the window moves. */
    long address(long offset) {
        return BufferUtil.address(bytes) + (offset - start);
    }

    /** Offset behind the last byte that is not zero, or {@code from} when all are zero. */
    long usedEnd(long from) throws IOException {
        long end = from;
        for (long at = from; at < fileLength; ) {
            int count = (int) Math.min(STEP, fileLength - at);
            if (!reach(at, count)) {
                break;
            }
            end = usedEnd(at, count, end);
            at += count;
        }
        return end;
    }

    /** Backwards by words where it can, since most of what is asked for is a hole. */
    private long usedEnd(long at, int count, long otherwise) {
        int base = (int) (at - start);
        int i = count;
        while (i >= Long.BYTES && view.getLong(base + i - Long.BYTES) == 0) {
            i -= Long.BYTES;
        }
        while (i > 0 && view.getByte(base + i - 1) == 0) {
            i--;
        }
        return i > 0 ? at + i : otherwise;
    }
}
