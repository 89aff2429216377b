package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.examples.Freshet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One run of the {@code freshet} command in a process of its own, from the classes that are being tested. */
final class CliProcess implements AutoCloseable {
    private static final long TIMEOUT_S = 60;

    private final Process process;
    private final BufferedReader out;
    private final Path errFile;
    private final String name;

    private CliProcess(Process process, Path errFile, String name) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.errFile = errFile;
        this.name = name;
    }

    /** Starts the command; what it writes to standard error goes to a file in {@code directory}. */
    static CliProcess start(Path directory, String... args) throws IOException {
        return startUnder(List.of(), directory, args);
    }

    /** {@link #start}, as what another program runs: {@code prefix} is its command line. */
    static CliProcess startUnder(List<String> prefix, Path directory, String... args) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--add-") || flag.startsWith("--enable-native-access"))
                .forEach(command::add);
        command.addAll(
                List.of("-ea", "-Xmx256m", "-cp", System.getProperty("java.class.path"), Freshet.class.getName()));
        command.addAll(List.of(args));
        Path err = Files.createTempFile(directory, args.length == 0 ? "freshet" : args[0], ".err");
        Process process =
                new ProcessBuilder(command).redirectError(err.toFile()).start();
        return new CliProcess(process, err, String.join(" ", args));
    }

    /** Starts a server on a free port and waits until it is ready. */
    static CliProcess serve(Path directory, Path data, String... more) throws IOException {
        List<String> args = new ArrayList<>(List.of("serve", "--data", data.toString(), "--port", "0"));
        args.addAll(List.of(more));
        return start(directory, args.toArray(String[]::new));
    }

    long pid() {
        return process.pid();
    }

    /** The address in the line that a server prints when it is ready. */
    String awaitAddress() throws IOException {
        String line = nextLine();
        assertTrue(line.matches("freshet: listening on 127\\.0\\.0\\.1:\\d+"), () -> line + "\n" + errors());
        return line.substring(line.lastIndexOf(' ') + 1);
    }

    /** The next line of standard output; an empty string at its end. */
    String nextLine() throws IOException {
        String line = out.readLine();
        return line == null ? "" : line;
    }

    /** All of standard output, byte for byte, when nothing of it has been read; waits for its end. */
    byte[] rawOutput() throws IOException {
        return process.getInputStream().readAllBytes();
    }

    /** Everything on standard output that has not been read. */
    List<String> lines() {
        return out.lines().toList();
    }

    /** Writes to standard input and closes it. */
    CliProcess input(byte[] bytes) throws IOException {
        try (OutputStream in = process.getOutputStream()) {
            in.write(bytes);
        }
        return this;
    }

    CliProcess input(String text) throws IOException {
        return input(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Lets it run for a while; it must not end by itself. */
    void runFor(long ms) throws InterruptedException {
        assertFalse(process.waitFor(ms, TimeUnit.MILLISECONDS), () -> name + " ended by itself\n" + errors());
    }

    /** The processes that it has started, directly or not. */
    List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    /** SIGTERM. */
    void terminate() {
        process.toHandle().destroy(); // that of Process closes its streams too
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    /** Waits for the end and its exit code. */
    CliProcess expectExit(int code) throws InterruptedException {
        assertTrue(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS), () -> name + " did not end\n" + errors());
        assertEquals(code, process.exitValue(), () -> name + "\n" + errors());
        return this;
    }

    /** Waits for the end, whatever its exit code: a program that runs another may make its own of it. */
    void awaitEnd() throws InterruptedException {
        assertTrue(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS), () -> name + " did not end\n" + errors());
    }

    /** What is on standard error so far. */
    String errors() {
        try {
            return Files.readString(errFile);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
