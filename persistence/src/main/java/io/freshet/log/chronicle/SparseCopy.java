package io.freshet.log.chronicle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Copies a file without writing its holes: stretches of zeros stay holes, whether or not they had blocks. */
final class SparseCopy {
    private static final int BLOCK_LENGTH = 64 * 1024;

    private SparseCopy() {}

    /** Copies everything to an empty file, or over itself; returns the bytes written. Positions stay. */
    static long copy(FileChannel in, FileChannel out) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_LENGTH);
        long length = in.size();
        long written = 0;
        for (long at = 0; at < length; ) {
            block.clear().limit((int) Math.min(BLOCK_LENGTH, length - at));
            while (block.hasRemaining() && in.read(block, at + block.position()) >= 0) {
                // Until it is full or the file ends.
            }
            block.flip();
            if (!block.hasRemaining()) {
                break;
            }
            int count = block.remaining();
            if (!isZero(block)) {
                written += write(block, out, at);
            }
            at += count;
        }
        keepLength(out, length);
        return written;
    }

    private static boolean isZero(ByteBuffer block) {
        int at = 0;
        for (; at + Long.BYTES <= block.limit(); at += Long.BYTES) {
            if (block.getLong(at) != 0) {
                return false;
            }
        }
        for (; at < block.limit(); at++) {
            if (block.get(at) != 0) {
                return false;
            }
        }
        return true;
    }

    private static int write(ByteBuffer block, FileChannel out, long at) throws IOException {
        int count = block.remaining();
        while (block.hasRemaining()) {
            out.write(block, at + block.position());
        }
        return count;
    }

    private static void keepLength(FileChannel out, long length) throws IOException {
        if (out.size() < length) {
            out.write(ByteBuffer.allocate(1), length - 1);
        }
    }
}
