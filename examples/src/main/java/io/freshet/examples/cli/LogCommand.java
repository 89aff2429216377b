package io.freshet.examples.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freshet log}: looks at a data directory without changing it. */
@Command(
        name = "log",
        sortOptions = false,
        description = {
            "Look at a data directory, of a stopped or of a running server, without changing anything in it.",
            "A log that is in use is read up to where it was when the reading came there."
        },
        subcommands = {LogVerifyCommand.class, LogDumpCommand.class, LogStatsCommand.class})
final class LogCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: verify, dump or stats");
    }
}
