package io.freshet.examples.cli;

import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig;
import io.freshet.engine.FreshetEngine;
import io.freshet.examples.demo.Chatter;
import io.freshet.examples.demo.Demo;
import io.freshet.examples.demo.DemoOptions;
import io.freshet.examples.input.IrcLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freshet demo}: a server, speakers, listeners and what they measure, in one process over real sockets. */
@Command(
        name = "demo",
        sortOptions = false,
        description = {
            "Run a server with simulated speakers and listeners and print, each second, rates and latencies",
            "(from the time when a message was due to when a listener had it) until Ctrl-C."
        })
final class DemoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--speakers",
            paramLabel = "N",
            defaultValue = "200",
            description = "Speakers (default: ${DEFAULT-VALUE}).")
    private int speakerCount;

    @Option(
            names = "--listeners",
            paramLabel = "N",
            defaultValue = "300",
            description = "Listeners (default: ${DEFAULT-VALUE}).")
    private int listenerCount;

    @Option(
            names = "--channels",
            paramLabel = "N",
            defaultValue = "10",
            description = "Channels (default: ${DEFAULT-VALUE}).")
    private int channelCount;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "1000",
            description = "Messages a second of all speakers together (default: ${DEFAULT-VALUE}).")
    private double messagesPerSecond;

    @Option(names = "--duration", paramLabel = "S", description = "End after S seconds.")
    private long durationS = TimeUnit.DAYS.toSeconds(365);

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "Say the lines of this IRC log instead of made-up text.")
    private @Nullable Path input;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data directory (default: a new one, removed at the end).")
    private @Nullable Path dataDirectory;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "The port of the server (default: any that is free).")
    private int port;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of what is said and when.")
    private long seed;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        StopSignal stop = FreshetCommand.stopOf(spec);
        stop.install();
        DemoOptions options = options();
        SplittableRandom random = new SplittableRandom(seed);
        Chatter chatter = input == null ? Chatter.madeUp(random) : Chatter.of(IrcLog.read(input), random);
        Path data = dataDirectory == null ? Files.createTempDirectory("freshet-demo") : dataDirectory;
        try (FreshetEngine engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(data)
                .listen(Endpoint.tcp("127.0.0.1", port))
                .build())) {
            return run(engine.addresses().get(0), options, chatter, random, stop);
        } finally {
            if (dataDirectory == null) {
                remove(data);
            }
        }
    }

    private DemoOptions options() {
        try {
            return new DemoOptions(speakerCount, listenerCount, channelCount, messagesPerSecond, seed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
        }
    }

    private int run(
            InetSocketAddress server, DemoOptions options, Chatter chatter, SplittableRandom random, StopSignal stop)
            throws InterruptedException, ExecutionException {
        PrintWriter out = spec.commandLine().getOut();
        try (Demo demo = Demo.start(server, options, chatter, random)) {
            introduce(new ServerAddress(server.getHostString(), server.getPort()), out);
            long secondNs = TimeUnit.SECONDS.toNanos(1);
            for (long second = 0; second < durationS && demo.failure() == null && !stop.await(secondNs); second++) {
                out.println(demo.status());
            }
            boolean isWhole = demo.finish();
            out.println(demo.summary());
            Throwable failure = demo.failure();
            if (failure != null) {
                spec.commandLine().getErr().println("freshet: " + ErrorLine.sentence(failure));
                return ExitCode.SOFTWARE;
            }
            out.println(
                    isWhole
                            ? "every listener heard every message of its channel, once and in order"
                            : "NOT every listener heard every message of its channel, once and in order");
            return isWhole ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private void introduce(ServerAddress server, PrintWriter out) {
        String command = "java -jar " + jar();
        out.printf(
                "%d speakers and %d listeners in %d channels, %.0f messages a second, server on %s%n",
                speakerCount, listenerCount, channelCount, messagesPerSecond, server);
        out.println("From another terminal:");
        out.println("  follow:   " + command + " tail --server " + server + " --channel demo-1");
        out.println("  publish:  echo hello | " + command + " publish --server " + server + " --channel demo-1");
        out.println("Ctrl-C ends it.");
    }

    /** Where this program lies, relative to the working directory when it is below it. */
    private static String jar() {
        Path jar = Path.of(DemoCommand.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        Path here = Path.of("").toAbsolutePath();
        return (jar.startsWith(here) ? here.relativize(jar) : jar).toString();
    }

    private static void remove(Path directory) throws IOException {
        List<Path> inside;
        try (Stream<Path> paths = Files.walk(directory)) {
            inside = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : inside) {
            Files.deleteIfExists(path);
        }
    }
}
