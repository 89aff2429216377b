package io.freshet.examples.cli;

import static io.freshet.examples.cli.FindingLine.counted;

import io.freshet.log.LogFinding;
import io.freshet.log.chronicle.DataInspection;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet log verify}: is everything in a data directory as it was written? */
@Command(
        name = "verify",
        sortOptions = false,
        description = {
            "Read a data directory whole and check it: every message against its checksums, the order of every channel, the",
            "files against what was known of them. Prints a line for each finding, with file, position, channel and sequence."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything is as it was written",
            "1:it could not be read; one line on standard error says why",
            "2:wrong usage",
            "3:something is damaged or missing"
        })
final class LogVerifyCommand implements Callable<Integer> {
    static final int DAMAGED = 3;
    private static final int DEFAULT_LINE_LIMIT = 100;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The data directory.")
    private Path directory;

    @Option(
            names = "--all",
            description = "Print every finding, and not only the first " + DEFAULT_LINE_LIMIT + " of them.")
    private boolean isAll;

    @Override
    public Integer call() {
        try (DataInspection inspection = DataInspection.open(directory)) {
            return verify(inspection, directory, spec.commandLine().getOut(), isAll);
        }
    }

    /** Checks everything and says so; returns the exit code. */
    static int verify(DataInspection inspection, Path directory, PrintWriter out, boolean isAll) {
        Printer printer = new Printer(inspection, out, isAll ? Long.MAX_VALUE : DEFAULT_LINE_LIMIT);
        DataInspection.Totals totals = inspection.read((shard, document) -> true, printer::print);
        printer.finish();
        out.println(directory + (inspection.isInUse() ? " (in use)" : "") + ": "
                + counted(totals.recordCount(), "message") + " in " + counted(totals.documentCount(), "document")
                + ", " + counted(totals.fileCount(), "file") + ", " + counted(totals.length(), "byte") + ": "
                + (totals.damageCount() == 0 ? "sound" : counted(totals.damageCount(), "finding") + " of damage"));
        return totals.damageCount() == 0 ? ExitCode.OK : DAMAGED;
    }

    private static final class Printer {
        private final DataInspection inspection;
        private final PrintWriter out;
        private final long limit;
        private long count;

        Printer(DataInspection inspection, PrintWriter out, long limit) {
            this.inspection = inspection;
            this.out = out;
            this.limit = limit;
        }

        void print(LogFinding finding) {
            if (count++ < limit) {
                out.println(FindingLine.of(finding, inspection));
            }
        }

        void finish() {
            if (count > limit) {
                out.println("and " + counted(count - limit, "more finding") + "; --all prints them");
            }
        }
    }
}
