package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.load.LoadTransport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server in a child process. It is ready when it prints where it listens, on a line of its own for each address, and after them
 * where its metrics are, when it has any. Ended by its own handle, also when this
 * virtual machine is ended by a signal.
 */
final class ServerProcess implements RunningServer {
    private static final Pattern READY = Pattern.compile("\\S+: listening on (?:(\\w+)://)?([^/\\s]+):(\\d+)(/\\S*)?");
    private static final Pattern METRICS = Pattern.compile("\\S+: metrics on (http://\\S+)");
    private static final long START_TIMEOUT_S = 60;
    private static final long STOP_TIMEOUT_S = 30;

    private final Contender contender;
    private final Process process;
    private final Path errFile;
    private final Thread onShutdown;
    private final InetSocketAddress address;
    private final LoadTransport transport;
    private final @Nullable URI metrics;

    /** The line that names the address which is put under load, and what the one about metrics says. */
    private record Ready(Matcher address, @Nullable URI metrics) {}

    private ServerProcess(Contender contender, Process process, Path errFile, Path certificate)
            throws IOException, InterruptedException {
        this.contender = contender;
        this.process = process;
        this.errFile = errFile;
        onShutdown = new Thread(process::destroyForcibly, "suite-stop");
        Runtime.getRuntime().addShutdownHook(onShutdown);
        try {
            Ready said = awaitReady();
            Matcher ready = said.address();
            metrics = said.metrics();
            address = new InetSocketAddress(InetAddress.getByName(ready.group(2)), Integer.parseInt(ready.group(3)));
            transport = contender.scheme().equals(Contender.TLS)
                    ? new LoadTransport(true, certificate, null)
                    : new LoadTransport(false, null, ready.group(4));
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts processes: the virtual machine, its flags, the program and the contender's arguments.
     *
     * @param java the virtual machine's command
     * @param program such as {@code -jar} and a file
     */
    static ServerLauncher launcher(String java, List<String> program) {
        return (contender, flags, files) -> {
            List<String> line = new ArrayList<>(List.of(java));
            line.addAll(flags);
            line.addAll(program);
            line.addAll(contender.arguments(files));
            Path errFile = Files.createTempFile("freshet-suite", ".err");
            Process process =
                    new ProcessBuilder(line).redirectError(errFile.toFile()).start();
            return new ServerProcess(contender, process, errFile, files.certificate());
        };
    }

    private Ready awaitReady() throws IOException, InterruptedException {
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        CompletableFuture<@Nullable Ready> line = CompletableFuture.supplyAsync(() -> findReady(out));
        Ready ready;
        try {
            ready = line.get(START_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException(contender.name() + " was not ready in " + START_TIMEOUT_S + " s" + errors(), e);
        } catch (ExecutionException e) {
            throw new IOException(contender.name() + " cannot be read from: " + e.getCause(), e);
        }
        if (ready == null) {
            throw new IOException(contender.name() + " did not start" + errors());
        }
        return ready;
    }

    /** Null when it says something else before, or ends. */
    private @Nullable Ready findReady(BufferedReader out) {
        Matcher found = null;
        try {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                Matcher ready = READY.matcher(line);
                Matcher told = METRICS.matcher(line);
                if (ready.matches()) {
                    boolean isWanted =
                            contender.scheme().equals(Objects.requireNonNullElse(ready.group(1), Contender.TCP));
                    found = found == null && isWanted ? ready : found;
                } else if (!told.matches()) {
                    return null;
                }
                if (found != null && (told.matches() || !contender.hasMetrics())) {
                    return new Ready(found, told.matches() ? URI.create(told.group(1)) : null);
                }
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it said on standard error, on one line. */
    private String errors() {
        try {
            String text = Files.readString(errFile).strip().replaceAll("\\s*\\R\\s*", " ");
            return text.isEmpty() ? "" : ": " + text;
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public Contender contender() {
        return contender;
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public LoadTransport transport() {
        return transport;
    }

    @Override
    public @Nullable URI metrics() {
        return metrics;
    }

    @Override
    public long pid() {
        return process.pid();
    }

    /** SIGTERM, and SIGKILL when that has not ended it for long. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(onShutdown);
            Files.deleteIfExists(errFile);
        } catch (IllegalStateException e) {
            // This virtual machine is being shut down: the hook runs.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
