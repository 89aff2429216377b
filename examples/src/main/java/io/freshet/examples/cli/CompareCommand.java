package io.freshet.examples.cli;

import io.freshet.benchmarks.report.LoadComparison;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.ResultFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet load compare}: two results side by side. */
@Command(
        name = "compare",
        sortOptions = false,
        description = {
            "Show two results of 'freshet load' side by side: rates, latencies, cost and memory, and the ratio of B to A.",
            "Warns when they were measured on different machines, JDKs, servers or settings."
        })
final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "A.json", description = "The result to compare with.")
    private Path a;

    @Parameters(index = "1", paramLabel = "B.json", description = "The result that is compared.")
    private Path b;

    @Override
    public Integer call() {
        LoadResult resultA;
        LoadResult resultB;
        try {
            resultA = ResultFile.read(a);
            resultB = ResultFile.read(b);
        } catch (IOException e) {
            spec.commandLine().getErr().println("freshet: " + ErrorLine.sentence(e));
            return ExitCode.USAGE;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("A: " + described(resultA));
        out.println("B: " + described(resultB));
        LoadComparison.of(resultA, resultB).lines().forEach(out::println);
        return ExitCode.OK;
    }

    private static String described(LoadResult result) {
        return result.settings().getOrDefault("scenario", "load") + " on "
                + result.target().name() + ", " + result.startedAt() + ", commit "
                + result.environment().commit();
    }
}
