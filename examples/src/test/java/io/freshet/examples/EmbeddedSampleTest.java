package io.freshet.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedSampleTest {
    private static final Path SOURCE =
            Path.of("src", "main", "java", "io", "freshet", "examples", "EmbeddedSample.java");

    @Test
    void shouldPrintHistoryAndThenWhatComes(@TempDir Path directory) throws InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

        EmbeddedSample.run(directory.resolve("data"), out);

        assertEquals(
                "1 the snow melts\n2 the river rises\n",
                bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n"));
    }

    @Test
    void shouldBeWhatTheReadmeShows() throws IOException {
        String source = Files.readString(SOURCE);
        String shown = source.substring(
                        source.indexOf("// README: from here\n"), source.indexOf("        // README: to here"))
                .replaceFirst(".*\n", "")
                .replaceAll("(?m)^ {8}", "");

        assertTrue(Files.readString(Path.of("..", "README.md")).contains(shown), "the README does not show:\n" + shown);
    }
}
