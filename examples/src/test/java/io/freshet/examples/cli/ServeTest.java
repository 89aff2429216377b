package io.freshet.examples.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server and the commands that speak to it, each in a process of its own, over real sockets. */
@Timeout(value = 5, unit = TimeUnit.MINUTES) // processes, several at a time: slow where the processors are busy
final class ServeTest {
    @TempDir
    private Path directory;

    @Test
    void shouldKeepWhatWasPublishedOverARestartAndPrintNothingElse() throws IOException, InterruptedException {
        Path data = directory.resolve("data");
        String text = "plain\n\nwächst \"und\" \\ 🌊\r\n";
        try (CliProcess server = CliProcess.serve(directory, data)) {
            String address = server.awaitAddress();
            try (CliProcess publish = start("publish", "--server", address, "--channel", "smoke")) {
                publish.input(text).expectExit(0);
                assertEquals("freshet: 3 messages acknowledged in smoke, last sequence 3\n", publish.errors());
            }
            server.terminate();
            server.expectExit(0);
            assertEquals(
                    "freshet: delivery holds at most 260 MiB in memory\nfreshet: stopping\nfreshet: stopped\n",
                    server.errors());
        }
        try (CliProcess server = CliProcess.serve(directory, data)) {
            String address = server.awaitAddress();
            try (CliProcess tail =
                    start("tail", "--server", address, "--channel", "smoke", "--from", "first", "--count", "3")) {
                assertEquals(text, new String(tail.rawOutput(), UTF_8));
                tail.expectExit(0);
                assertEquals("", tail.errors());
            }
            try (CliProcess tail =
                    start("tail", "--server", address, "--channel", "smoke", "--from", "3", "--count", "1", "--json")) {
                String json = tail.expectExit(0).nextLine();
                assertTrue(json.startsWith("{\"channel\":\"smoke\",\"sequence\":3,\"timestamp_us\":"), json);
                assertTrue(json.endsWith(",\"text\":\"wächst \\\"und\\\" \\\\ 🌊\\r\"}"), json);
            }
        }
    }

    @Test
    void shouldFollowLiveThroughAKilledServer() throws IOException, InterruptedException {
        Path data = directory.resolve("data");
        try (CliProcess first = CliProcess.serve(directory, data)) {
            String address = first.awaitAddress();
            publish(address, "one\n");
            try (CliProcess tail =
                    start("tail", "--server", address, "--channel", "room", "--from", "first", "--count", "2")) {
                assertEquals("one", tail.nextLine());
                first.kill();
                first.expectExit(137);
                String port = address.substring(address.lastIndexOf(':') + 1);
                try (CliProcess second = CliProcess.serve(directory, data, "--port", port)) {
                    assertEquals(address, second.awaitAddress());
                    publish(address, "two\n");
                    assertEquals("two", tail.nextLine());
                    tail.expectExit(0);
                }
                assertTrue(tail.errors().endsWith("; reconnecting\nfreshet: connected again\n"), tail.errors());
            }
        }
    }

    @Test
    void shouldPlayLogsInTheirOrder() throws IOException, InterruptedException {
        StringBuilder log = new StringBuilder("=== a log begins\n");
        for (int i = 0; i < 300; i++) {
            log.append("[10:")
                    .append(10 + i / 10)
                    .append("] <nick")
                    .append(i * i % 17)
                    .append("> line ")
                    .append(i)
                    .append(" é\n");
        }
        Path one = Files.writeString(directory.resolve("one.raw.txt"), log);
        Path two =
                Files.writeString(directory.resolve("two.txt"), log.toString().replace("nick1", "other"));
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"), "--reactors", "2")) {
            String address = server.awaitAddress();
            try (CliProcess replay = start("replay", "--server", address, "--input", one.toString(), two.toString())) {
                replay.expectExit(0);
                assertTrue(replay.errors().contains("lines acknowledged in 2 channels"), replay.errors());
            }
            for (Path file : List.of(one, two)) {
                byte[] played = Files.readAllBytes(file);
                String channel = String.valueOf(file.getFileName()).split("\\.", 2)[0];
                long count = new String(played, UTF_8).lines().count();
                try (CliProcess tail = start(
                        "tail", "--server", address, "--channel", channel, "--from", "first", "--count", "" + count)) {
                    assertArrayEquals(played, tail.rawOutput());
                    tail.expectExit(0);
                }
            }
        }
    }

    @Test
    void shouldSayInOneLineWhyItCannotStart() throws IOException, InterruptedException {
        Path data = directory.resolve("data");
        try (CliProcess server = CliProcess.serve(directory, data);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.awaitAddress();
            String port = Integer.toString(taken.getLocalPort());
            Path other = Files.createDirectories(directory.resolve("other"));
            Files.writeString(other.resolve("holiday.jpg"), "something of mine");
            Path file = Files.writeString(directory.resolve("file"), "");

            expectFailure(
                    1,
                    "cannot listen on 127.0.0.1:" + port,
                    "--data",
                    directory.resolve("new").toString(),
                    "--port",
                    port);
            expectFailure(1, data + " is in use", "--data", data.toString(), "--port", "0");
            expectFailure(1, other.toString(), "--data", other.toString(), "--port", "0");
            expectFailure(1, file.toString(), "--data", file.toString(), "--port", "0");
            expectFailure(2, "drain", "--data", data.toString(), "--drain", "-1");
            expectFailure(2, "rate", "--data", data.toString(), "--user-rate", "fast");
            expectFailure(2, "connection", "--data", data.toString(), "--max-connections", "0");
            expectFailure(2, "reactor", "--data", data.toString(), "--reactors", "0");
            expectFailure(2, "port", "--data", data.toString(), "--port", "65536");
        }
    }

    private void expectFailure(int code, String reason, String... options) throws IOException, InterruptedException {
        String[] args = new String[options.length + 1];
        args[0] = "serve";
        System.arraycopy(options, 0, args, 1, options.length);
        try (CliProcess serve = start(args)) {
            String errors = serve.expectExit(code).errors();
            assertTrue(errors.startsWith("freshet: ") && errors.contains(reason), errors);
            assertEquals(code, errors.lines().count(), errors); // wrong usage points to --help in a second line
            assertEquals(List.of(), serve.lines());
        }
    }

    @Test
    void shouldReadSettingsFromAFileAndLetTheCommandLineWin() throws IOException, InterruptedException {
        Path data = directory.resolve("from file");
        Path config = Files.writeString(
                directory.resolve("server.conf"), "# settings\n\nport = 1\ndata = " + data + "\ndurability=synced\n");
        try (CliProcess server = start("serve", "--port", "0", "--config", config.toString())) {
            server.awaitAddress();
            assertTrue(Files.isDirectory(data));
            server.terminate();
            server.expectExit(0);
        }
    }

    @Test
    void shouldSayInOneLineWhyAClientFails() throws IOException, InterruptedException {
        String nobody = "127.0.0.1:" + freePort();
        try (CliProcess publish = start("publish", "--server", nobody, "--channel", "x")) {
            String errors = publish.input("").expectExit(1).errors();
            assertTrue(errors.contains(nobody) && errors.lines().count() == 1, errors);
        }
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            for (String name : List.of("", " ", "x".repeat(10_000))) {
                try (CliProcess publish = start("publish", "--server", address, "--channel", name)) {
                    String errors = publish.input("text\n").expectExit(1).errors();
                    assertTrue(
                            errors.startsWith("freshet: a channel name ")
                                    && errors.lines().count() == 1,
                            errors);
                }
            }
            try (CliProcess publish = start("publish", "--server", address, "--channel", "x")) {
                String errors = publish.input("short\n" + "x".repeat(500_000) + "\nnever sent\n")
                        .expectExit(1)
                        .errors();
                assertTrue(errors.contains("line 2 was not acknowledged: "), errors);
            }
            try (CliProcess tail = start("tail", "--server", address, "--channel", "x", "--from", "99")) {
                String errors = tail.expectExit(1).errors();
                assertTrue(errors.contains("beyond the head") && errors.lines().count() == 1, errors);
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private CliProcess start(String... args) throws IOException {
        return CliProcess.start(directory, args);
    }

    private void publish(String address, String text) throws IOException, InterruptedException {
        try (CliProcess publish = start("publish", "--server", address, "--channel", "room")) {
            publish.input(text).expectExit(0);
        }
    }
}
