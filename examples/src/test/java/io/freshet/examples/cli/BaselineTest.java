package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 5, unit = TimeUnit.MINUTES) // processes: slow where the processors are busy
final class BaselineTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"naive", "floor", "append-floor"})
    void shouldListenUntilASignal(String kind) throws IOException, InterruptedException {
        List<String> args = new ArrayList<>(List.of("load", "baseline", kind, "--port", "0"));
        if (kind.equals("append-floor")) {
            args.addAll(List.of("--data", directory.resolve("queue").toString()));
        }
        try (CliProcess baseline = CliProcess.start(directory, args.toArray(String[]::new))) {
            String line = baseline.nextLine();
            assertTrue(
                    line.matches("baseline: listening on 127\\.0\\.0\\.1:\\d+"), () -> line + "\n" + baseline.errors());
            baseline.terminate();
            assertEquals("", baseline.expectExit(0).errors());
        }
    }

    @Test
    void shouldSayWhatIsWrongWithItsOptions() throws IOException, InterruptedException {
        Path file = Files.write(directory.resolve("frames"), new byte[100]);
        assertRefused(2, "Invalid value for positional parameter at index 0", "other");
        assertRefused(2, "append-floor needs --data", "append-floor");
        assertRefused(2, "--data and --sync belong to append-floor", "naive", "--sync");
        assertRefused(2, "--stream belongs to floor", "naive", "--stream", file.toString());
        assertRefused(
                1, file + ": does not begin with a message frame", "floor", "--port", "0", "--stream", file.toString());
    }

    private void assertRefused(int code, String problem, String... args) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("load", "baseline"));
        all.addAll(List.of(args));
        try (CliProcess baseline = CliProcess.start(directory, all.toArray(String[]::new))) {
            assertTrue(baseline.expectExit(code).errors().startsWith("freshet: " + problem), baseline::errors);
        }
    }
}
