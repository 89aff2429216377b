package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class WholeFileTest {
    @TempDir
    private Path directory;

    private Path file(byte... bytes) throws IOException {
        return Files.write(directory.resolve("file"), bytes);
    }

    private static String problem(Path file, int maxLength) {
        return String.valueOf(assertThrows(IOException.class, () -> WholeFile.text(file, maxLength))
                .getMessage());
    }

    @Test
    void shouldReadAsManyBytesAsAreAllowed() throws IOException {
        assertArrayEquals(new byte[] {1, 2, 3}, WholeFile.bytes(file((byte) 1, (byte) 2, (byte) 3), 3));
        assertEquals("aé", WholeFile.text(Files.writeString(directory.resolve("text"), "aé"), 3));
        assertEquals("", WholeFile.text(file(), 0));
    }

    @Test
    void shouldRefuseOneByteMore() throws IOException {
        Path file = file(new byte[4]);

        assertEquals(file + " is longer than 3 bytes", problem(file, 3));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldRefuseAFileWithoutAnEnd() {
        assertEquals("/dev/zero is longer than 1024 bytes", problem(Path.of("/dev/zero"), 1024));
    }

    @Test
    void shouldNameAFileThatIsNotThereOrNoText() throws IOException {
        assertThrows(NoSuchFileException.class, () -> WholeFile.bytes(directory.resolve("none"), 1));
        Path file = file((byte) 'a', (byte) 0xC3);
        assertEquals(file + " is not text in UTF-8", problem(file, 9));
    }
}
