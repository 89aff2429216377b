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

/** The server's metrics and the view of them, each in a process of its own. */
@Timeout(value = 5, unit = TimeUnit.MINUTES) // processes, several at a time: slow where the processors are busy
final class TopTest {
    private static final String TOLD = "freshet: metrics on ";

    @TempDir
    private Path directory;

    @Test
    void shouldShowWhatAServerDoes() throws IOException, InterruptedException {
        Path config = Files.writeString(directory.resolve("freshet.conf"), "metrics-port = 0\n");
        try (CliProcess server =
                CliProcess.serve(directory, directory.resolve("data"), "--config", config.toString())) {
            server.awaitAddress();
            String told = server.nextLine();
            assertTrue(told.matches(TOLD + "http://127\\.0\\.0\\.1:\\d+/metrics"), told);
            try (CliProcess top =
                    CliProcess.start(directory, "top", "--once", "--metrics", told.substring(TOLD.length()))) {
                List<String> lines = top.lines();
                top.expectExit(0);
                assertTrue(lines.get(0).startsWith("freshet: up 0:0"), lines::toString);
                assertTrue(lines.stream().anyMatch(line -> line.startsWith("duty cycle ")), lines::toString);
                assertTrue(lines.stream().noneMatch(line -> line.contains("\u001b")), lines::toString);
                assertEquals("", top.errors());
            }
            server.terminate();
            server.expectExit(0);
        }
    }

    @Test
    void shouldSayInOneLineWhyItShowsNothing() throws IOException, InterruptedException {
        try (CliProcess nobody = CliProcess.start(directory, "top", "--metrics", "http://127.0.0.1:1/metrics")) {
            nobody.expectExit(1);
            assertEquals("freshet: no metrics at http://127.0.0.1:1/metrics: nobody answers\n", nobody.errors());
        }
        try (CliProcess wrong = CliProcess.start(directory, "top", "--metrics", "127.0.0.1:9464")) {
            wrong.expectExit(2);
            assertTrue(wrong.errors().startsWith("freshet: --metrics is '127.0.0.1:9464', it must be"), wrong.errors());
        }
    }
}
