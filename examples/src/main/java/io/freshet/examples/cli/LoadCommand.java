package io.freshet.examples.cli;

import io.freshet.benchmarks.load.LoadRun;
import io.freshet.benchmarks.load.LoadTarget;
import io.freshet.benchmarks.load.LoadTarget.WireKind;
import io.freshet.benchmarks.load.LoadTransport;
import io.freshet.benchmarks.load.Scenario;
import io.freshet.benchmarks.report.HtmlReport;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.ResultFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet load}: puts a server under load and says what came of it. */
@Command(
        name = "load",
        sortOptions = false,
        description = {
            "Put a server under load and count what arrives: a progress line each second on standard error, a summary at",
            "the end on standard output. Ends with 1 when anything was lost or a connection failed. Also over WebSocket:",
            "--server ws://HOST:PORT/PATH, or wss:// when it is encrypted (the path, if it is left out, is /freshet)."
        },
        subcommands = {CompareCommand.class, SuiteCommand.class, BaselineCommand.class, PresenceCommand.class})
final class LoadCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOptions server;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SCENARIO",
            description = {
                "A file of 'key = value' lines, or one of those that come with Freshet:",
                "hot: one channel, many subscribers; many: many channels; publish: acknowledged, nobody listens;",
                "latency: a fixed rate; idle: connections that do nothing; storm: all connect at once;",
                "reconnect: all are cut off and come back; hearts: a counter that all add to;",
                "replay: history; slow: some stop to read for a while; spike: a show; soak: for long."
            })
    private @Nullable String scenario;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A key of the scenario and another value for it; may be repeated.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(
            names = "--wire",
            paramLabel = "freshet|raw",
            defaultValue = "freshet",
            description = "What the server speaks: Freshet's protocol or the framing of the baselines (default: "
                    + "${DEFAULT-VALUE}).")
    private WireKind wire;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            defaultValue = "0",
            description = "The server's process on this machine: tells what it uses.")
    private long pid;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What the server is called in the result (default: that of its wire).")
    private @Nullable String name;

    @Option(names = "--no-jmx", description = "Do not ask the server's virtual machine about allocation.")
    private boolean hasNoJmx;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result into this file.")
    private @Nullable Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "Write a report with plots into this file.")
    private @Nullable Path html;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        LoadResult result = LoadRun.run(parsedScenario(), target(), sample -> err.println(LoadLines.progress(sample)));
        LoadLines.summary(result).forEach(spec.commandLine().getOut()::println);
        if (json != null) {
            ResultFile.write(json, result);
        }
        if (html != null) {
            HtmlReport.write(html, result);
        }
        return result.passed() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private Scenario parsedScenario() {
        if (scenario == null) {
            throw new ParameterException(
                    spec.commandLine(), "a scenario is missing: a file, or " + String.join(", ", Scenario.BUILT_IN));
        }
        try {
            return Scenario.named(scenario, overrides);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private LoadTarget target() {
        ServerAddress address = server.server();
        InetSocketAddress socket = new InetSocketAddress(address.host(), address.port());
        if (socket.isUnresolved()) {
            throw new ParameterException(spec.commandLine(), "no such host: " + address.host());
        }
        if (pid != 0 && ProcessHandle.of(pid).isEmpty()) {
            throw new ParameterException(spec.commandLine(), "no process " + pid + " on this machine");
        }
        String called = name == null ? wire.name().toLowerCase(Locale.ROOT) : name;
        try {
            LoadTransport transport = new LoadTransport(address.isTls(), server.trust(), address.path());
            return new LoadTarget(socket, wire, called, pid, server.token(), !hasNoJmx, transport, null);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
