package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.benchmarks.report.Environment;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.LoadUse;
import io.freshet.benchmarks.report.ResultFile;
import io.freshet.benchmarks.report.Target;
import io.freshet.benchmarks.report.Totals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES) // processes: slow where the processors are busy
final class CompareTest {
    @TempDir
    private Path directory;

    @Test
    void shouldPrintATable() throws IOException, InterruptedException {
        Path a = write("a.json", 1_000);
        Path b = write("b.json", 1_500);
        try (CliProcess compare = CliProcess.start(directory, "load", "compare", a.toString(), b.toString())) {
            List<String> lines = compare.lines();
            assertEquals("", compare.expectExit(0).errors());
            assertEquals("A: hot on freshet, 2026-01-02T03:04:05Z, commit abc", lines.get(0));
            assertTrue(
                    lines.stream().anyMatch(line -> line.matches("published +1 k/s +1\\.50 k/s +1\\.50×")),
                    lines::toString);
        }
    }

    @Test
    void shouldSayOnOneLineWhatCannotBeRead() throws IOException, InterruptedException {
        Path good = write("a.json", 1_000);
        Path missing = directory.resolve("missing.json");
        Path other = Files.writeString(directory.resolve("b.json"), "{\"format\": 2, \"totals\": {}}");
        assertRefused(good, missing, missing + ": no such file");
        assertRefused(other, good, other + ": format 2 is not known, this version reads format 1");
    }

    private void assertRefused(Path a, Path b, String problem) throws IOException, InterruptedException {
        try (CliProcess compare = CliProcess.start(directory, "load", "compare", a.toString(), b.toString())) {
            assertEquals("freshet: " + problem + "\n", compare.expectExit(2).errors());
        }
    }

    private Path write(String name, double publishedPerS) throws IOException {
        Path file = directory.resolve(name);
        ResultFile.write(
                file,
                new LoadResult(
                        LoadResult.FORMAT,
                        "2026-01-02T03:04:05Z",
                        new Environment("a processor", 2, "Linux 6", "17.0.1", List.of(), "abc"),
                        new Target("freshet", "freshet", "127.0.0.1:7400", 0, List.of(), ""),
                        Map.of("scenario", "hot"),
                        new Totals(10, 10, 0, 10, 10, 0, 0, 0, 0, 0, 0, 0, publishedPerS, 0, 0, 0),
                        Map.of(),
                        null,
                        new LoadUse(1, 1, 1, false),
                        List.of(),
                        List.of(),
                        true));
        return file;
    }
}
