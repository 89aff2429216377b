package io.freshet.examples.cli;

import io.freshet.client.ClientConfig;
import io.freshet.client.ClientRuntime;
import io.freshet.client.FreshetClient;
import io.freshet.examples.input.IrcLine;
import io.freshet.examples.input.IrcLog;
import io.freshet.examples.input.ReplyLinks;
import io.freshet.examples.replay.Player;
import io.freshet.examples.replay.ReplayCounters;
import io.freshet.examples.replay.Telling;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code freshet replay}: plays IRC logs, every speaker over a connection of their own. */
@Command(
        name = "replay",
        sortOptions = false,
        description = {
            "Play an IRC log into a channel: every speaker is a connection of their own, lines keep their order.",
            "Lines look like '[HH:MM] <nick> text', '[HH:MM] * nick action' or '=== notice'.",
            "Several --input play at the same time, each into the channel of its file's name."
        })
final class ReplayCommand implements Callable<Integer> {
    private static final int MAX_RECONNECTS = 60;
    private static final int MAX_CLIENT_THREADS = 4;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOptions server;

    @Option(
            names = "--channel",
            paramLabel = "NAME",
            description = "The channel to play into (default: the file's name without .raw and .txt).")
    private @Nullable String channelName;

    @Option(names = "--input", paramLabel = "FILE", required = true, arity = "1..*", description = "The logs to play.")
    private List<Path> inputs;

    @Option(
            names = "--speed",
            paramLabel = "X|max",
            defaultValue = "max",
            converter = SpeedConverter.class,
            description = "How many times faster than the log's time stamps, or as fast as possible "
                    + "(default: ${DEFAULT-VALUE}).")
    private double speed;

    @Option(
            names = "--posts",
            description =
                    "Play lines as posts, as freshet chat shows them: 'nick: …' mentions whom has spoken before, and where "
                            + "NAME.annotation.txt stands beside NAME.raw.txt, its lines 'A B -' make line B a reply to line A; "
                            + "whoever joins or speaks is present, until they leave. "
                            + "An empty line is a post without text; one above 8,000 bytes is refused, and named.")
    private boolean isPosts;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        PrintWriter err = spec.commandLine().getErr();
        Map<String, IrcLog> logs = logs();
        Map<String, Telling> tellings = tellings();
        long lineCount =
                logs.values().stream().mapToLong(log -> log.lines().size()).sum();
        ReplayCounters counters = new ReplayCounters();
        int threadCount = Math.min(MAX_CLIENT_THREADS, Runtime.getRuntime().availableProcessors());
        ExecutorService players = Executors.newFixedThreadPool(logs.size());
        try (ClientRuntime runtime = ClientRuntime.create(threadCount)) {
            FreshetClient.connect(config(runtime, IrcLine.SYSTEM)).close(); // is there a server at all?
            Map<String, Future<Void>> playing = new LinkedHashMap<>();
            logs.forEach((channel, log) -> playing.put(
                    channel,
                    players.submit(new Player(
                            log,
                            channel,
                            speed,
                            speaker -> config(runtime, speaker),
                            counters,
                            Objects.requireNonNull(tellings.get(channel))))));
            List<String> failures = awaitEnd(playing, new ReplayProgress(counters, lineCount, logs.size(), err));
            failures.forEach(failure -> err.println("freshet: " + failure));
            return failures.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
        } finally {
            players.shutdownNow();
        }
    }

    private Map<String, IrcLog> logs() throws IOException {
        if (channelName != null && inputs.size() > 1) {
            throw new ParameterException(
                    spec.commandLine(), "--channel goes with one --input; several have the names of their files");
        }
        Map<String, IrcLog> logs = new LinkedHashMap<>();
        for (Path input : inputs) {
            String name = channelName == null ? baseName(input) : channelName;
            if (logs.put(name, IrcLog.read(input)) != null) {
                throw new ParameterException(spec.commandLine(), "two of the inputs would play into channel " + name);
            }
        }
        return logs;
    }

    private Map<String, Telling> tellings() throws IOException {
        Map<String, Telling> tellings = new LinkedHashMap<>();
        for (Path input : inputs) {
            Path links = input.resolveSibling(
                    String.valueOf(input.getFileName()).replaceFirst("(\\.raw)?\\.txt$", "") + ".annotation.txt");
            Telling telling = !isPosts
                    ? Telling.asBytes()
                    : Telling.asPosts(Files.exists(links) ? ReplyLinks.read(links) : ReplyLinks.none());
            tellings.put(channelName == null ? baseName(input) : channelName, telling);
        }
        return tellings;
    }

    private static String baseName(Path file) {
        return String.valueOf(file.getFileName()).replaceFirst("\\.txt$", "").replaceFirst("\\.raw$", "");
    }

    private ClientConfig config(ClientRuntime runtime, String speaker) {
        return server.config()
                .token(speaker)
                .runtime(runtime)
                .maxReconnects(MAX_RECONNECTS)
                .build();
    }

    /** Waits for every player, with a line of progress each second; returns what went wrong. */
    private static List<String> awaitEnd(Map<String, Future<Void>> playing, ReplayProgress progress)
            throws InterruptedException {
        List<String> failures = new ArrayList<>();
        for (Map.Entry<String, Future<Void>> each : playing.entrySet()) {
            boolean hasEnded = false;
            while (!hasEnded) {
                try {
                    each.getValue().get(progress.untilNextNs(), TimeUnit.NANOSECONDS);
                    hasEnded = true;
                } catch (TimeoutException e) {
                    progress.print();
                } catch (ExecutionException e) {
                    failures.add("channel " + each.getKey() + ": " + ErrorLine.sentence(e));
                    hasEnded = true;
                }
            }
        }
        progress.printSummary();
        return failures;
    }

    /** Reads a factor above zero, or {@code max}. */
    static final class SpeedConverter implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            if (text.toLowerCase(Locale.ROOT).equals("max")) {
                return Player.MAX_SPEED;
            }
            try {
                double speed = Double.parseDouble(text);
                if (speed > 0 && speed < Player.MAX_SPEED) {
                    return speed;
                }
            } catch (NumberFormatException e) {
                // Told below, like a number out of range.
            }
            throw new TypeConversionException("'" + text + "' is not max or a factor above 0");
        }
    }
}
