package io.freshet.examples.cli;

import io.freshet.examples.top.Scrape;
import io.freshet.examples.top.TopView;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freshet top}: what a server does, once a second. */
@Command(
        name = "top",
        sortOptions = false,
        description = {
            "Show what a server does, once a second, until SIGINT.",
            "The server must have been started with --metrics-port."
        })
final class TopCommand implements Callable<Integer> {
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_ANSWER_LENGTH = 16 << 20;
    private static final String KNOWN_METRIC = "freshet_connections";

    private static final String CLEAR_SCREEN = "\u001b[2J";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_REST = "\u001b[J";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--metrics",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:9464/metrics",
            description = "Where the server tells its metrics (default: ${DEFAULT-VALUE}).")
    private String address;

    @Option(names = "--once", description = "Print what happened in one second and end.")
    private boolean isOnce;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

    @Override
    public Integer call() throws IOException, InterruptedException {
        URI uri = uri();
        StopSignal stop = FreshetCommand.stopOf(spec);
        stop.install();
        PrintWriter out = spec.commandLine().getOut();
        boolean isTerminal = !isOnce && isTerminal();
        Scrape before = scrape(uri);
        long beforeNs = System.nanoTime();
        if (isTerminal) {
            out.print(CLEAR_SCREEN);
        }
        while (!stop.await(INTERVAL_NS)) {
            Scrape now = scrape(uri);
            long nowNs = System.nanoTime();
            print(TopView.lines(before, now, nowNs - beforeNs), isTerminal, out);
            if (isOnce) {
                break;
            }
            before = now;
            beforeNs = nowNs;
        }
        return ExitCode.OK;
    }

    private static void print(List<String> lines, boolean isTerminal, PrintWriter out) {
        if (isTerminal) {
            out.print(HOME);
            lines.forEach(line -> out.print(line + CLEAR_LINE + "\r\n"));
            out.print(CLEAR_REST);
        } else {
            lines.forEach(out::println);
            out.println();
        }
        out.flush();
    }

    private URI uri() {
        try {
            URI uri = new URI(address);
            if ("http".equals(uri.getScheme()) && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Told below, like what is no address of a server.
        }
        throw new ParameterException(
                spec.commandLine(), "--metrics is '" + address + "', it must be of the form http://HOST:PORT/metrics");
    }

    private Scrape scrape(URI uri) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer;
        try {
            answer = http.send(
                    HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (HttpTimeoutException | ConnectException e) {
            throw new IOException("no metrics at " + uri + ": nobody answers", e);
        } catch (IOException e) {
            throw new IOException("no metrics at " + uri + ": " + e.getMessage(), e);
        }
        try (InputStream body = answer.body()) {
            if (answer.statusCode() != 200) {
                throw new IOException("no metrics at " + uri + ": it answers with status " + answer.statusCode());
            }
            Scrape scrape = Scrape.parse(new String(body.readNBytes(MAX_ANSWER_LENGTH), StandardCharsets.UTF_8));
            if (scrape.has(KNOWN_METRIC)) {
                return scrape;
            }
            throw new IOException("no metrics at " + uri + ": it is not a Freshet server");
        } catch (IllegalArgumentException e) {
            throw new IOException("no metrics at " + uri + ": it is not a Freshet server", e);
        }
    }

    /** Whether standard output is a terminal; what System.console says of it differs between versions. */
    private static boolean isTerminal() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false; // where this cannot be asked, plain lines do for a terminal too
        }
    }
}
