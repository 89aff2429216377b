package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES) // processes, several at a time: slow where the processors are busy
final class DemoTest {
    @TempDir
    private Path directory;

    @Test
    void shouldMeasureEachSecondAndEndByItself() throws IOException, InterruptedException {
        try (CliProcess demo = CliProcess.start(
                directory,
                "demo",
                "--speakers",
                "4",
                "--listeners",
                "6",
                "--channels",
                "2",
                "--rate",
                "200",
                "--duration",
                "2")) {
            List<String> lines = demo.lines();

            assertEquals("", demo.expectExit(0).errors());
            assertTrue(lines.get(0).startsWith("4 speakers and 6 listeners in 2 channels"), lines.get(0));
            assertEquals(
                    2,
                    lines.stream()
                            .filter(line -> line.contains(" deliveries/s  p50 "))
                            .count(),
                    lines::toString);
            assertEquals(
                    "every listener heard every message of its channel, once and in order",
                    lines.get(lines.size() - 1));
        }
    }

    @Test
    void shouldEndCleanlyOnASignalAndSayTheLinesOfALog() throws IOException, InterruptedException {
        Path log = Files.writeString(directory.resolve("log.txt"), "[10:00] <ann> hello\n[10:00] * bob waves\n");
        Path data = directory.resolve("data");
        try (CliProcess demo = CliProcess.start(
                directory,
                "demo",
                "--speakers",
                "1",
                "--listeners",
                "1",
                "--channels",
                "1",
                "--rate",
                "50",
                "--input",
                log.toString(),
                "--data",
                data.toString())) {
            String line = demo.nextLine();
            while (!line.contains(" deliveries/s ")) {
                assertTrue(!line.isEmpty(), demo::errors);
                line = demo.nextLine();
            }
            demo.terminate();

            List<String> rest = demo.lines();
            demo.expectExit(0);
            assertTrue(rest.get(rest.size() - 1).startsWith("every listener heard "), rest::toString);
        }
        try (CliProcess server = CliProcess.serve(directory, data);
                CliProcess tail = CliProcess.start(
                        directory,
                        "tail",
                        "--server",
                        server.awaitAddress(),
                        "--channel",
                        "demo-1",
                        "--from",
                        "first",
                        "--count",
                        "2")) {
            assertEquals(List.of("[10:00] <ann> hello", "[10:00] * bob waves"), tail.lines());
        }
    }

    @Test
    void shouldRefuseNumbersThatMakeNoDemo() throws IOException, InterruptedException {
        try (CliProcess demo = CliProcess.start(directory, "demo", "--channels", "1000")) {
            assertTrue(demo.expectExit(2).errors().startsWith("freshet: --channels is 1000, "), demo::errors);
        }
    }
}
