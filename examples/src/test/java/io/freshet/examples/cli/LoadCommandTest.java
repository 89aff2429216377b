package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.ResultFile;
import io.freshet.benchmarks.report.ServerUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES) // processes: slow where the processors are busy
final class LoadCommandTest {
    @TempDir
    private Path directory;

    @Test
    void shouldLoadAServerAndWriteWhatItMeasured() throws IOException, InterruptedException {
        Path json = directory.resolve("result.json");
        Path html = directory.resolve("result.html");
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"));
                CliProcess load = CliProcess.start(
                        directory,
                        "load",
                        "hot",
                        "--server",
                        server.awaitAddress(),
                        "--pid",
                        Long.toString(server.pid()),
                        "--set",
                        "subscribers=3",
                        "--set",
                        "warmup=0s",
                        "--set",
                        "duration=1500ms",
                        "--json",
                        json.toString(),
                        "--html",
                        html.toString())) {
            List<String> lines = load.lines();
            String progress = load.expectExit(0).errors();
            assertTrue(lines.get(0).startsWith("freshet hot: "), lines::toString);
            assertTrue(lines.contains("Nothing was lost, repeated, misordered or damaged."), lines::toString);
            assertTrue(progress.contains("published/s"), progress);
        }
        LoadResult result = ResultFile.read(json);
        assertTrue(result.passed());
        assertEquals(result.totals().published() * 3, result.totals().delivered());
        ServerUse use = result.server();
        assertNotNull(use);
        assertTrue(use.cpuNsPerDelivery() > 0);
        assertTrue(Files.readString(html).contains("<!doctype html>"));
    }

    @Test
    void shouldLoadAServerOverWebSocket() throws IOException, InterruptedException {
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"), "--ws-port", "0")) {
            server.awaitAddress();
            String line = server.nextLine();
            String address = line.substring(line.lastIndexOf(' ') + 1);
            assertTrue(address.startsWith("ws://"), line);
            Path json = directory.resolve("result.json");
            try (CliProcess load = CliProcess.start(
                    directory,
                    "load",
                    "hot",
                    "--server",
                    address,
                    "--set",
                    "subscribers=3",
                    "--set",
                    "warmup=0s",
                    "--set",
                    "duration=300ms",
                    "--json",
                    json.toString())) {
                List<String> lines = load.lines();
                load.expectExit(0);
                assertTrue(lines.contains("Nothing was lost, repeated, misordered or damaged."), lines::toString);
            }
            assertEquals(address, ResultFile.read(json).target().address());
            assertRefused("speaks TCP or TLS, not WebSocket", "tail", "--server", address, "--channel", "lobby");
        }
    }

    @Test
    void shouldSayOnOneLineWhatIsWrongWithAScenario() throws IOException, InterruptedException {
        assertRefused("should be in KEY=VALUE format", "load", "hot", "--set", "window");
        assertRefused("unknown key 'windw'; known are ", "load", "hot", "--set", "windw=3");
        assertRefused("no scenario or file 'warm'; there are hot", "load", "warm");
        assertRefused("a scenario is missing", "load");
    }

    private void assertRefused(String problem, String... args) throws IOException, InterruptedException {
        try (CliProcess load = CliProcess.start(directory, args)) {
            String errors = load.expectExit(2).errors();
            assertTrue(errors.startsWith("freshet: ") && errors.contains(problem), errors);
            assertEquals(2, errors.lines().count(), errors);
        }
    }

    @Test
    void shouldEndWithOneWhenNobodyListens() throws IOException, InterruptedException {
        try (CliProcess load = CliProcess.start(directory, "load", "hot", "--server", "127.0.0.1:1")) {
            List<String> lines = load.lines();
            load.expectExit(1);
            assertTrue(lines.stream().anyMatch(line -> line.contains("failed: ")), lines::toString);
        }
    }
}
