package io.freshet.examples.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class EraseCommandTest {
    private static final int WINDOW_LENGTH = 1 << 20;

    @TempDir
    private Path directory;

    @Test
    void shouldEraseFromTheDirectoryOfAStoppedServerAndLeaveTheRest() throws Exception {
        Path data = directory.resolve("data");
        try (CliProcess server = CliProcess.serve(directory, data)) {
            String address = server.awaitAddress();
            try (CliProcess publish = start("publish", "--server", address, "--channel", "lobby")) {
                publish.input("it stays\nnever said that\nthis stays as well\n").expectExit(0);
            }
            try (CliProcess erase = start("erase", data.toString(), "lobby", "2")) {
                assertTrue(erase.expectExit(1).errors().contains("in use"), erase::errors);
            }
            server.terminate();
            server.expectExit(0);
        }
        assertEquals(1, filesWith(data, "never said that").size());
        expectWrongUse("has no channel attic", "attic", "1");
        expectWrongUse("has the sequences 1 to 3, not 4", "lobby", "2", "4");
        expectWrongUse("Missing required parameter", "lobby");
        try (CliProcess erase = start("erase", data.toString(), "lobby", "2")) {
            assertEquals(
                    List.of("freshet: erased 1 message of lobby in " + data),
                    erase.expectExit(0).lines());
        }
        assertEquals(List.of(), filesWith(data, "never said that"));
        assertEquals(1, filesWith(data, "this stays as well").size());
        try (CliProcess verify = start("log", "verify", data.toString())) {
            List<String> said = verify.expectExit(0).lines();
            assertTrue(said.get(said.size() - 1).endsWith(": sound"), said::toString);
        }
        try (CliProcess server = CliProcess.serve(directory, data);
                CliProcess replay = start(
                        "tail",
                        "--server",
                        server.awaitAddress(),
                        "--channel",
                        "lobby",
                        "--from",
                        "first",
                        "--count",
                        "3")) {
            assertEquals(
                    List.of("it stays", "(erased)", "this stays as well"),
                    replay.expectExit(0).lines());
            server.terminate();
            server.expectExit(0);
        }
    }

    private void expectWrongUse(String said, String... channelAndSequences) throws Exception {
        String[] args = Stream.concat(
                        Stream.of("erase", directory.resolve("data").toString()), Stream.of(channelAndSequences))
                .toArray(String[]::new);
        try (CliProcess erase = start(args)) {
            assertTrue(erase.expectExit(2).errors().contains(said), erase::errors);
        }
    }

    /** Files in which these bytes lie; those of a log have many megabytes of nothing, which are read past. */
    private static List<Path> filesWith(Path root, String text) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                if (contains(file, text)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    private static boolean contains(Path file, String text) throws IOException {
        byte[] window = new byte[WINDOW_LENGTH];
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            for (long at = 0; at < bytes.length(); at += window.length - text.length()) {
                bytes.seek(at);
                int length = bytes.read(window);
                if (new String(window, 0, length, ISO_8859_1).contains(text)) {
                    return true;
                }
            }
        }
        return false;
    }

    private CliProcess start(String... args) throws IOException {
        return CliProcess.start(directory, args);
    }
}
