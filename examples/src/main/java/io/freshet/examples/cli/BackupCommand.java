package io.freshet.examples.cli;

import static io.freshet.examples.cli.FindingLine.counted;

import io.freshet.log.chronicle.Backup;
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

/** {@code freshet backup}: a copy of a data directory that a server can start on. */
@Command(
        name = "backup",
        sortOptions = false,
        description = {
            "Copy a data directory, of a stopped or of a running server, to a new place, and check the copy.",
            "Everything that was acknowledged when the copying began is in it. To restore is to start a server on it:",
            "'freshet serve --data TO', or on a copy of it under the old name."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the copy is whole and everything in it is as it was written",
            "1:there is no copy; one line on standard error says why",
            "2:wrong usage",
            "3:the copy is whole, and something in it is damaged, as it is in what was copied"
        })
final class BackupCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The data directory.")
    private Path from;

    @Parameters(index = "1", paramLabel = "TO", description = "The copy: a directory that is empty or does not exist.")
    private Path to;

    @Option(names = "--no-verify", description = "Do not read the copy again to check it.")
    private boolean isUnverified;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Backup.Copied copied = Backup.copy(from, to);
        out.println("freshet: copied " + counted(copied.fileCount(), "file") + " with "
                + counted(copied.length(), "byte") + " and " + counted(copied.channelCount(), "channel") + " to " + to);
        out.flush();
        if (isUnverified) {
            return ExitCode.OK;
        }
        try (DataInspection inspection = DataInspection.open(to)) {
            return LogVerifyCommand.verify(inspection, to, out, false);
        }
    }
}
