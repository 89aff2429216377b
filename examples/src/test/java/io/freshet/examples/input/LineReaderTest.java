package io.freshet.examples.input;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LineReaderTest {
    @Test
    void shouldCutAtLineFeedsAndKeepEmptyLines() throws IOException {
        assertEquals(List.of("a", "", "b c", "d"), lines("a\n\nb c\nd\n"));
    }

    @Test
    void shouldReturnWhatFollowsTheLastLineFeed() throws IOException {
        assertEquals(List.of("a", "rest"), lines("a\nrest"));
        assertEquals(List.of(), lines(""));
    }

    @Test
    void shouldKeepEveryOtherByteAsItIs() throws IOException {
        byte[] line = {0, (byte) 0xFF, (byte) 0xC3, '\r', 0x1B, (byte) 0x80};
        byte[] input = {0, (byte) 0xFF, (byte) 0xC3, '\r', 0x1B, (byte) 0x80, '\n'};

        byte[] read = new LineReader(new ByteArrayInputStream(input), 100).next();

        assertNotNull(read);
        assertArrayEquals(line, read);
    }

    @Test
    void shouldJoinLinesThatArriveInPieces() throws IOException {
        String text = "first line\nsecond\n\nthird";
        for (int pieceLength = 1; pieceLength < text.length(); pieceLength++) {
            LineReader reader = new LineReader(inPieces(text.getBytes(UTF_8), pieceLength), 100);
            assertEquals(List.of("first line", "second", "", "third"), all(reader), "pieces of " + pieceLength);
            assertEquals(4, reader.lineCount());
        }
    }

    @Test
    void shouldNameALineThatIsTooLong() throws IOException {
        LineReader reader = new LineReader(new ByteArrayInputStream("12345\n123456\n".getBytes(UTF_8)), 5);

        assertNotNull(reader.next());
        IOException e = assertThrows(IOException.class, reader::next);

        assertEquals("line 2 is longer than 5 bytes", e.getMessage());
    }

    @Test
    void shouldReturnNullAgainAtTheEnd() throws IOException {
        LineReader reader = new LineReader(new ByteArrayInputStream(new byte[0]), 5);

        assertNull(reader.next());
        assertNull(reader.next());
    }

    private static List<String> lines(String text) throws IOException {
        return all(new LineReader(new ByteArrayInputStream(text.getBytes(UTF_8)), 100));
    }

    private static List<String> all(LineReader reader) throws IOException {
        List<String> lines = new ArrayList<>();
        for (byte[] line = reader.next(); line != null; line = reader.next()) {
            lines.add(new String(line, UTF_8));
        }
        return lines;
    }

    private static InputStream inPieces(byte[] bytes, int pieceLength) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, pieceLength));
            }
        };
    }
}
