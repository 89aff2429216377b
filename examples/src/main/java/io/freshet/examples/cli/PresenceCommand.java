package io.freshet.examples.cli;

import io.freshet.benchmarks.presence.PresenceStorm;
import io.freshet.benchmarks.presence.StormPhase;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.agrona.concurrent.SystemNanoClock;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freshet load presence}: everybody of a group comes, and comes back. */
@Command(
        name = "presence",
        sortOptions = false,
        description = {
            "Have all users of one group come within some seconds, stay, and come back on new connections; each looks at the",
            "first fifty members. Tells what was pushed to them and, with --pid, how busy the server's threads were, in",
            "percent of a processor. --silent has them only connect, to compare with. Ends with 1 when somebody could not come."
        })
final class PresenceCommand implements Callable<Integer> {
    private static final double PERCENT = 100.0;
    private static final double LEAST_PERCENT = 0.1;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOptions server;

    @Option(
            names = "--users",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Users (default: ${DEFAULT-VALUE}).")
    private int userCount;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "Within which they come (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            defaultValue = "0",
            description = "The server's process on this machine.")
    private long pid;

    @Option(names = "--silent", description = "Only connect, and leave presence alone.")
    private boolean isSilent;

    @Override
    public Integer call() throws InterruptedException {
        if (userCount < 1 || seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--users and --seconds must be at least 1");
        }
        PrintWriter out = spec.commandLine().getOut();
        long[] failureCount = new long[1];
        PresenceStorm.Plan plan =
                new PresenceStorm.Plan(server::config, pid, userCount, TimeUnit.SECONDS.toNanos(seconds), !isSilent);
        try (PresenceStorm storm = new PresenceStorm(plan, SystemNanoClock.INSTANCE)) {
            storm.run(phase -> {
                failureCount[0] += phase.failureCount();
                out.println(line(phase));
                out.flush();
            });
        }
        return failureCount[0] == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static String line(StormPhase phase) {
        String busy = phase.busyNsByThread().entrySet().stream()
                .filter(each -> percent(each.getValue(), phase) >= LEAST_PERCENT)
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .map(each -> String.format(Locale.ROOT, "%s %.1f %%", each.getKey(), percent(each.getValue(), phase)))
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%-13s  %5.1f s  %,d updates, %,d bytes%s%s",
                phase.name(),
                phase.durationNs() / 1e9,
                phase.pushCount(),
                phase.pushBytes(),
                phase.failureCount() == 0 ? "" : ", " + phase.failureCount() + " could not come",
                busy.isEmpty() ? "" : "; busy: " + busy);
    }

    private static double percent(long busyNs, StormPhase phase) {
        return PERCENT * busyNs / phase.durationNs();
    }
}
