package io.freshet.examples.cli;

import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig;
import io.freshet.engine.EngineConfig.BufferAllocator;
import io.freshet.engine.EngineConfig.SocketApi;
import io.freshet.engine.FreshetEngine;
import io.freshet.engine.Timeouts;
import io.freshet.examples.metrics.MetricsServer;
import io.freshet.examples.metrics.ServerMetrics;
import io.freshet.log.Durability;
import io.freshet.log.RecoveryReport;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freshet serve}: the standalone server. */
@Command(
        name = "serve",
        sortOptions = false,
        description = {
            "Run a server until SIGTERM or SIGINT; then close it cleanly and end with 0.",
            "Prints 'freshet: listening on HOST:PORT' once clients can connect."
        })
final class ServeCommand implements Callable<Integer> {
    private static final int GREATEST_DRAIN_S = 3600;
    private static final long MIB_BYTES = 1L << 20;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data",
            description = "The data directory, made when it does not exist (default: ./${DEFAULT-VALUE}).")
    private Path dataDirectory;

    @Mixin
    private EndpointOptions endpointOptions;

    @Mixin
    private AuthOptions authOptions;

    @Option(
            names = "--reactors",
            paramLabel = "N",
            description = "Threads that serve connections (default: as many as fit the processors).")
    private @Nullable Integer reactorCount;

    @Option(
            names = "--socket-api",
            paramLabel = "auto|epoll|io_uring|nio",
            defaultValue = "auto",
            description = "How sockets are driven; auto is epoll where there is one (default: ${DEFAULT-VALUE}).")
    private SocketApi socketApi;

    @Option(
            names = "--allocator",
            paramLabel = "pooled|adaptive",
            defaultValue = "pooled",
            description = "Which of Netty's allocators gives the memory of messages under way (default: "
                    + "${DEFAULT-VALUE}).")
    private BufferAllocator bufferAllocator;

    @Option(
            names = "--batch-window",
            paramLabel = "MS",
            defaultValue = "25",
            description = "Under load, a message waits at most this long for others to share its writes; 0 turns that "
                    + "off (default: ${DEFAULT-VALUE}).")
    private int batchWindowMs;

    @Option(
            names = "--warm-up",
            paramLabel = "MS",
            defaultValue = "1000",
            description =
                    "Before listening, send messages through a scratch engine in memory for at most this long, so "
                            + "that the first clients are served at full speed; 0 turns that off (default: ${DEFAULT-VALUE}).")
    private int warmUpMs;

    @Option(
            names = "--durability",
            paramLabel = "written|synced",
            defaultValue = "written",
            description = "What an acknowledged message survives: the death of the process, or loss of power too "
                    + "(default: ${DEFAULT-VALUE}).")
    private Durability durability;

    @Mixin
    private RetentionOptions retention = new RetentionOptions();

    @Option(
            names = "--drain",
            paramLabel = "S",
            defaultValue = "5",
            description =
                    "At SIGTERM, tell clients to go one after the other over so many seconds, and serve them until they "
                            + "have; 0 ends at once (default: ${DEFAULT-VALUE}).")
    private int drainS;

    @Option(
            names = "--idle-timeout",
            paramLabel = "S",
            defaultValue = "0",
            description =
                    "Close connections that have no subscription and do nothing but answer heartbeats for so many seconds; 0 "
                            + "is never (default: ${DEFAULT-VALUE}).")
    private int idleTimeoutS;

    @Mixin
    private LimitOptions limits;

    @Mixin
    private NotifyOptions notifyOptions = new NotifyOptions();

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            description =
                    "Answer http://HOST:PORT/metrics, for Prometheus and 'freshet top'; 0 is any port that is free "
                            + "(default: off).")
    private @Nullable Integer metricsPort;

    @Option(
            names = "--metrics-host",
            paramLabel = "H",
            defaultValue = "127.0.0.1",
            description = "The address to answer on; whoever reaches it may read (default: ${DEFAULT-VALUE}).")
    private String metricsHost;

    @SuppressWarnings("unused") // read by ConfigFile, before this command is parsed; here it is for the help
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Read settings from a file, 'key = value' in each line, a key being an option without its "
                    + "dashes; the command line wins.")
    private @Nullable Path config;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        StopSignal stop = FreshetCommand.stopOf(spec);
        checkMetricsPort();
        Duration drain = drain();
        stop.install(drain);
        EngineConfig checked = config();
        ExposureNotice.lines(checked.endpoints(), checked.authenticator()).forEach(err::println);
        try (FreshetEngine engine = FreshetEngine.start(checked);
                ServerMetrics metrics = metricsPort == null ? null : new ServerMetrics(engine.metrics());
                MetricsServer http = metrics == null ? null : startMetrics(metrics)) {
            tellRecovery(engine.recoveryReports(), err);
            long boundMib = checked.memory().totalBytes() / MIB_BYTES;
            err.println("freshet: delivery holds at most " + boundMib + " MiB in memory");
            PrintWriter out = spec.commandLine().getOut();
            for (int i = 0; i < checked.endpoints().size(); i++) {
                int port = engine.addresses().get(i).getPort();
                Endpoint endpoint = checked.endpoints().get(i);
                out.println("freshet: listening on "
                        + new ServerAddress(endpointOptions.host(), port, endpoint.tls() != null, endpoint.path()));
            }
            if (http != null) {
                ServerAddress address =
                        new ServerAddress(metricsHost, http.address().getPort());
                out.println("freshet: metrics on http://" + address + MetricsServer.PATH);
                ExposureNotice.ofMetrics(http.address()).forEach(err::println);
            }
            stop.await();
            err.println("freshet: stopping");
            engine.drain(drain);
        }
        err.println("freshet: stopped");
        return ExitCode.OK;
    }

    private void checkMetricsPort() {
        if (metricsPort != null && (metricsPort < 0 || metricsPort > ServerAddress.MAX_PORT)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--metrics-port is " + metricsPort + ", it must be between 0 and " + ServerAddress.MAX_PORT);
        }
    }

    private Duration drain() {
        if (drainS < 0 || drainS > GREATEST_DRAIN_S) {
            throw new ParameterException(
                    spec.commandLine(), "--drain is " + drainS + ", it must be between 0 and " + GREATEST_DRAIN_S);
        }
        return Duration.ofSeconds(drainS);
    }

    private MetricsServer startMetrics(ServerMetrics metrics) {
        int wanted = metricsPort == null ? 0 : metricsPort;
        return MetricsServer.start(new InetSocketAddress(metricsHost, wanted), metrics::text);
    }

    private EngineConfig config() {
        try {
            List<Endpoint> endpoints = endpointOptions.endpoints();
            boolean isLoopback = endpoints.stream().allMatch(Endpoint::isLoopback);
            EngineConfig.Builder config = EngineConfig.builder()
                    .dataDirectory(dataDirectory)
                    .listen(endpoints.toArray(Endpoint[]::new))
                    .authenticator(authOptions.authenticator(isLoopback))
                    .socketApi(socketApi)
                    .bufferAllocator(bufferAllocator)
                    .warmUp(Duration.ofMillis(warmUpMs))
                    .timeouts(Timeouts.DEFAULTS
                            .batchWindow(Duration.ofMillis(batchWindowMs))
                            .idleSession(Duration.ofSeconds(idleTimeoutS)))
                    .limits(limits.limits())
                    .durability(durability)
                    .retention(retention.retention())
                    .notifications(notifyOptions.notifications());
            if (reactorCount != null) {
                config.reactors(reactorCount);
            }
            return config.build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static void tellRecovery(List<RecoveryReport> reports, PrintWriter err) {
        for (int shard = 0; shard < reports.size(); shard++) {
            if (!reports.get(shard).isClean()) {
                err.println("freshet: recovery of shard " + shard + ": "
                        + reports.get(shard).detail());
            }
        }
    }
}
