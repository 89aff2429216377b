package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.examples.Freshet;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** One run of the {@code freshet} command in a terminal of its own, which tmux makes and shows. */
final class TmuxScreen implements AutoCloseable {
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long LOOK_EVERY_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Path socket;

    private TmuxScreen(Path socket) {
        this.socket = socket;
    }

    static TmuxScreen start(Path directory, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--add-") || flag.startsWith("--enable-native-access"))
                .forEach(command::add);
        command.addAll(
                List.of("-ea", "-Xmx256m", "-cp", System.getProperty("java.class.path"), Freshet.class.getName()));
        command.addAll(List.of(args));
        Path script = Files.writeString(
                directory.resolve("run.sh"),
                "export LC_ALL=C.UTF-8\n"
                        + command.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ")) + "\n");
        TmuxScreen screen = new TmuxScreen(directory.resolve("tmux"));
        screen.tmux(
                "-f", "/dev/null", "new-session", "-d", "-s", "chat", "-x", "100", "-y", "30", "sh", script.toString());
        return screen;
    }

    private String tmux(String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tmux", "-u", "-S", socket.toString()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    /** Types a text. */
    void type(String text) throws IOException, InterruptedException {
        tmux("send-keys", "-l", "-t", "chat", text);
    }

    /** Presses a key, by tmux' name for it. */
    void press(String key) throws IOException, InterruptedException {
        tmux("send-keys", "-t", "chat", key);
    }

    /** What is to be seen. */
    String text() throws IOException, InterruptedException {
        return tmux("capture-pane", "-p", "-t", "chat");
    }

    void awaitText(String expected) throws IOException, InterruptedException {
        await(expected, true);
    }

    /** Waits until this is not to be seen any more. */
    void awaitNoText(String unexpected) throws IOException, InterruptedException {
        await(unexpected, false);
    }

    private void await(String text, boolean isThere) throws IOException, InterruptedException {
        long endNs = System.nanoTime() + TIMEOUT_NS;
        String seen = text();
        while (seen.contains(text) != isThere) {
            String now = seen;
            assertTrue(System.nanoTime() < endNs, () -> (isThere ? "not seen: " : "still seen: ") + text + "\n" + now);
            LockSupport.parkNanos(LOOK_EVERY_NS);
            seen = text();
        }
    }

    /** Waits until the command has ended. */
    void awaitEnd() throws IOException, InterruptedException {
        long endNs = System.nanoTime() + TIMEOUT_NS;
        while (isRunning()) {
            assertTrue(System.nanoTime() < endNs, "it did not end");
            LockSupport.parkNanos(LOOK_EVERY_NS);
        }
    }

    private boolean isRunning() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("tmux", "-S", socket.toString(), "has-session", "-t", "chat")
                .redirectErrorStream(true)
                .start();
        process.getInputStream().readAllBytes();
        return process.waitFor() == 0;
    }

    @Override
    public void close() throws IOException {
        try {
            if (isRunning()) {
                tmux("kill-server");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
