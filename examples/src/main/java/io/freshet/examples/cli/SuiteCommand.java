package io.freshet.examples.cli;

import io.freshet.benchmarks.suite.LoadDriver;
import io.freshet.benchmarks.suite.Suite;
import io.freshet.benchmarks.suite.SuiteOptions;
import io.freshet.examples.Freshet;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet load suite}: everything that the engine must reach, measured beside the servers it is compared with. */
@Command(
        name = "suite",
        sortOptions = false,
        description = {
            "Measure Freshet beside other servers, in turn, round after round, and judge the ratios.",
            "Writes NAME.json for each row, summary.json and summary.md. Starts the servers itself, from this jar. Ends",
            "with 1 when a row did not run or something was counted wrong; a bar that is missed is only reported."
        })
final class SuiteCommand implements Callable<Integer> {
    private static final List<String> DEFAULT_FLAGS =
            List.of("-Xmx1g", "-Dagrona.disable.bounds.checks=true", "-Dio.netty.buffer.checkBounds=false");

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "The rows to measure (default: all).")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How often each server of a row runs (default: 5, with --quick 1).")
    private @Nullable Integer rounds;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "The directory of the results.")
    private Path out;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where the servers' data directories are made, and deleted (default: the system's temporary "
                    + "directory).")
    private @Nullable Path data;

    @Option(
            names = "--quick",
            description = "Small counts and moments only: shows that everything runs and counts right.")
    private boolean isQuick;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A key of the rows' scenarios and another value for it; may be repeated, and is told in the "
                    + "results.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(
            names = "--flag",
            paramLabel = "FLAG",
            description = "A JVM flag of every server, such as --flag=-Xmx2g; may be repeated, and replaces the usual "
                    + "ones: -Xmx1g and no bounds checks.")
    private List<String> flags = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        boolean isWell = Suite.run(options(), LoadDriver.loadRun(), err::println);
        spec.commandLine().getOut().println("results in " + out + ", the table in " + out.resolve("summary.md"));
        return isWell ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private SuiteOptions options() {
        int wantedRounds = rounds != null ? rounds : isQuick ? 1 : 5;
        Path work = data == null ? Path.of(System.getProperty("java.io.tmpdir")) : data;
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        try {
            return new SuiteOptions(
                    names,
                    wantedRounds,
                    isQuick,
                    overrides,
                    out,
                    work,
                    java,
                    flags.isEmpty() ? DEFAULT_FLAGS : flags,
                    program());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** This program again: the jar, or the class path with the access that the jar's manifest would have given. */
    private static List<String> program() {
        String classPath = System.getProperty("java.class.path");
        if (classPath.endsWith(".jar") && !classPath.contains(System.getProperty("path.separator"))) {
            return List.of("-jar", classPath);
        }
        List<String> program = new ArrayList<>();
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--add-") || flag.startsWith("--enable-native-access"))
                .forEach(program::add);
        program.addAll(List.of("-cp", classPath, Freshet.class.getName()));
        return program;
    }
}
