package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES) // processes, several at a time: slow where the processors are busy
final class SuiteTest {
    @TempDir
    private Path directory;

    @Test
    void shouldRunARowFromServersToTable() throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path data = directory.resolve("data");
        try (CliProcess suite = CliProcess.start(
                directory, "load", "suite", "hot-10", "--quick", "--out", out.toString(), "--data", data.toString())) {
            List<String> lines = suite.lines();
            suite.expectExit(0);
            assertEquals(List.of("results in " + out + ", the table in " + out.resolve("summary.md")), lines);
            assertTrue(suite.errors().contains("hot-10 round 1/1 naive  server CPU per delivery "), suite::errors);
        }
        assertTrue(Files.readString(out.resolve("summary.md")).contains("\n| hot-10 | "));
        // Freshet comes first, and counts its writes itself.
        Matcher perWrite =
                Pattern.compile("\"deliveriesPerWrite\": (.+),").matcher(Files.readString(out.resolve("hot-10.json")));
        assertTrue(perWrite.find() && Double.parseDouble(perWrite.group(1)) >= 1);
        try (Stream<Path> left = Files.list(data)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void shouldCompareTransportsWithACertificateOfItsOwn() throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path data = directory.resolve("data");
        try (CliProcess suite = CliProcess.start(
                directory,
                "load",
                "suite",
                "tls-hot-100",
                "websocket-hot-100",
                "--quick",
                "--out",
                out.toString(),
                "--data",
                data.toString())) {
            suite.lines();
            suite.expectExit(0);
        }
        assertTrue(Files.readString(out.resolve("tls-hot-100.json")).contains("\"address\": \"tls://127.0.0.1:"));
        assertTrue(Files.readString(out.resolve("websocket-hot-100.json")).contains("\"address\": \"ws://127.0.0.1:"));
        String table = Files.readString(out.resolve("summary.md"));
        assertTrue(table.contains("\n| tls-hot-100 | ") && table.contains("\n| websocket-hot-100 | "), table);
        try (Stream<Path> left = Files.list(data)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void shouldSayWhatIsWrongWithItsOptions() throws IOException, InterruptedException {
        assertRefused("no row is called 'hot-7'; there are hot-10, ", "hot-7", "--out", "out");
        assertRefused("rounds is 0, must be 1..100", "--out", "out", "--rounds", "0");
        assertRefused("Missing required option: '--out=DIR'", "--quick");
    }

    private void assertRefused(String problem, String... args) throws IOException, InterruptedException {
        String[] all =
                Stream.concat(Stream.of("load", "suite"), Stream.of(args)).toArray(String[]::new);
        try (CliProcess suite = CliProcess.start(directory, all)) {
            assertTrue(suite.expectExit(2).errors().startsWith("freshet: " + problem), suite::errors);
        }
    }
}
