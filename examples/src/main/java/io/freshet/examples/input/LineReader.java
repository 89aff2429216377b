package io.freshet.examples.input;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream into lines without decoding it: every byte but the line feed is kept. Belongs to one thread; the stream
 * stays the caller's to close.
 */
public final class LineReader {
    private static final int BUFFER_LENGTH = 1 << 16;

    private final InputStream in;
    private final int maxLineLength;
    private final byte[] buffer = new byte[BUFFER_LENGTH];
    private int position;
    private int limit;
    private long lineCount;

    /** Reads lines of at most {@code maxLineLength} bytes. */
    public LineReader(InputStream in, int maxLineLength) {
        this.in = in;
        this.maxLineLength = maxLineLength;
    }

    /** Lines returned so far: the number of the last one, counted from 1. */
    public long lineCount() {
        return lineCount;
    }

    /**
     * The next line without its line feed, or null at the end; what follows the last line feed is a line too, when it is
     * not empty.
     *
     * @throws IOException when the stream fails or a line is too long
     */
    public byte @Nullable [] next() throws IOException {
        ByteArrayOutputStream line = null;
        while (position < limit || fill()) {
            int start = position;
            int end = start;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            boolean isWhole = end < limit;
            position = isWhole ? end + 1 : end;
            int lengthSoFar = (line == null ? 0 : line.size()) + end - start;
            if (lengthSoFar > maxLineLength) {
                throw new IOException("line " + (lineCount + 1) + " is longer than " + maxLineLength + " bytes");
            }
            if (line == null) {
                line = new ByteArrayOutputStream(end - start);
            }
            line.write(buffer, start, end - start);
            if (isWhole) {
                break;
            }
        }
        if (line == null) {
            return null;
        }
        lineCount++;
        return line.toByteArray();
    }

    private boolean fill() throws IOException {
        int count = in.read(buffer, 0, buffer.length);
        position = 0;
        limit = Math.max(count, 0);
        return count > 0;
    }
}
