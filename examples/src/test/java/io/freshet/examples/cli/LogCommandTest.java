package io.freshet.examples.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does with a data directory, beside a server that runs and after it has stopped. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class LogCommandTest {
    @TempDir
    private Path directory;

    @Test
    void shouldCopyARunningServerUnderLoadWithEverythingAcknowledgedBefore() throws Exception {
        Path data = directory.resolve("data");
        Path copy = directory.resolve("copy");
        CrashChecker checker;
        try (CliProcess server = CliProcess.serve(directory, data)) {
            String address = server.awaitAddress();
            int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
            try (CrashLoad load = new CrashLoad(port, 7)) {
                load.ledger().awaitAcknowledged(2_000, 60);
                checker = new CrashChecker(load.ledger());
                long[] acknowledged = checker.acknowledged();
                try (CliProcess backup = start("backup", data.toString(), copy.toString())) {
                    List<String> said = backup.expectExit(0).lines();
                    assertTrue(said.get(0).startsWith("freshet: copied "), said::toString);
                    assertTrue(said.get(said.size() - 1).endsWith(": sound"), said::toString);
                }
                try (CliProcess verify = start("log", "verify", data.toString())) {
                    List<String> said = verify.expectExit(0).lines();
                    assertTrue(said.get(said.size() - 1).startsWith(data + " (in use): "), said::toString);
                }
                long before = load.ledger().acknowledgedCount();
                load.ledger().awaitAcknowledged(before + 100, 60);
                load.finish();
                checkCopy(copy, checker, acknowledged);
                checker.check(port, "the server that was copied");
                checker.assertAllStored("the server that was copied");
            }
        }
    }

    private void checkCopy(Path copy, CrashChecker checker, long[] acknowledged) throws Exception {
        try (CliProcess restored = CliProcess.serve(directory, copy)) {
            String address = restored.awaitAddress();
            checker.check(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)), acknowledged, "the copy");
            try (CliProcess publish = start("publish", "--server", address, "--channel", "lobby")) {
                publish.input("it goes on\n").expectExit(0);
            }
            restored.terminate();
            restored.expectExit(0);
        }
    }

    @Test
    void shouldPrintWhatIsStoredAndSayWhatIsDamaged() throws Exception {
        Path data = directory.resolve("data");
        try (CliProcess server = CliProcess.serve(directory, data)) {
            String address = server.awaitAddress();
            publish(address, "lobby", "one\ntwo\nwächst 🌊\n");
            publish(address, "kitchen", "tea\n");
            expectDump(List.of("lobby 2 two", "lobby 3 wächst 🌊"), data, "--channel", "lobby", "--from", "2");
            server.terminate();
            server.expectExit(0);
        }
        expectDump(List.of("kitchen 1 tea"), data, "--channel", "kitchen");
        expectDump(List.of("lobby 1 one"), data, "--channel", "lobby", "--count", "1");
        try (CliProcess dump = start("log", "dump", data.toString(), "--channel", "lobby", "--from", "3", "--json")) {
            String json = dump.expectExit(0).nextLine();
            assertTrue(json.startsWith("{\"channel\":\"lobby\",\"sequence\":3,\"shard\":"), json);
            assertTrue(json.endsWith(",\"kind\":0,\"text\":\"wächst 🌊\"}"), json);
        }
        try (CliProcess stats = start("log", "stats", data.toString())) {
            List<String> said = stats.expectExit(0).lines();
            assertTrue(said.stream().anyMatch(line -> line.matches(" +\\d+ +3 +1 +3  lobby")), said::toString);
            assertTrue(said.stream().anyMatch(line -> line.matches(" +\\d+ +1 +1 +1  kitchen")), said::toString);
        }
        damage(data, "two");
        try (CliProcess verify = start("log", "verify", data.toString())) {
            List<String> said = verify.expectExit(3).lines();
            assertTrue(
                    said.get(0)
                            .matches("damage: .*\\.cq4, position 0x[0-9a-f]+, channel lobby, sequence 2: 1 message not"
                                    + " as written \\(checksum\\)"),
                    said::toString);
            assertTrue(said.get(1).endsWith(": 1 finding of damage"), said::toString);
        }
        try (CliProcess dump = start("log", "dump", data.toString(), "--channel", "lobby")) {
            assertEquals("lobby 2 (damaged)", dump.expectExit(3).lines().get(1));
        }
        expectWrongUse(data);
    }

    private void expectWrongUse(Path data) throws IOException, InterruptedException {
        try (CliProcess verify = start("log", "verify", directory.toString())) {
            assertTrue(verify.expectExit(1).errors().contains("is no data directory"), verify::errors);
        }
        try (CliProcess dump = start("log", "dump", data.toString(), "--channel", "attic")) {
            assertTrue(dump.expectExit(2).errors().contains("has no channel attic"), dump::errors);
        }
        try (CliProcess backup = start("backup", data.toString(), directory.toString())) {
            assertTrue(backup.expectExit(1).errors().contains("is not empty"), backup::errors);
        }
        try (CliProcess log = start("log")) {
            assertTrue(log.expectExit(2).errors().contains("verify, dump or stats"), log::errors);
        }
    }

    /** Compares a dump without times and senders. */
    private void expectDump(List<String> expected, Path data, String... options) throws Exception {
        String[] args = Stream.concat(Stream.of("log", "dump", data.toString()), Stream.of(options))
                .toArray(String[]::new);
        try (CliProcess dump = start(args)) {
            List<String> said = dump.expectExit(0).lines().stream()
                    .map(line -> line.replaceFirst("^(\\S+ \\d+) \\S+Z \\d+ ", "$1 "))
                    .toList();
            assertEquals(expected, said);
        }
    }

    /** Changes the text where it lies in a roll file. */
    private static void damage(Path data, String text) throws IOException {
        byte[] wanted = text.getBytes(UTF_8);
        try (Stream<Path> tree = Files.walk(data)) {
            for (Path file :
                    tree.filter(each -> each.toString().endsWith(".cq4")).toList()) {
                try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                    byte[] start = new byte[(int) Math.min(1 << 20, bytes.length())];
                    bytes.readFully(start);
                    int at = new String(start, ISO_8859_1).indexOf(text);
                    if (at >= 0) {
                        bytes.seek(at + wanted.length - 1);
                        bytes.write('x');
                        return;
                    }
                }
            }
        }
        throw new AssertionError(text + " was not found");
    }

    private void publish(String address, String channel, String text) throws IOException, InterruptedException {
        try (CliProcess publish = start("publish", "--server", address, "--channel", channel)) {
            publish.input(text).expectExit(0);
        }
    }

    private CliProcess start(String... args) throws IOException {
        return CliProcess.start(directory, args);
    }
}
