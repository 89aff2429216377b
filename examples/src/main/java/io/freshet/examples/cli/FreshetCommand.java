package io.freshet.examples.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code freshet} command: finds the subcommand, runs it and makes an exit code and one line of what went wrong. */
@Command(
        name = "freshet",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        scope = ScopeType.INHERIT,
        sortOptions = false,
        description = "A messaging engine for the moment when everybody arrives at once.",
        subcommands = {
            ServeCommand.class,
            PublishCommand.class,
            TailCommand.class,
            ChatCommand.class,
            ReplayCommand.class,
            DemoCommand.class,
            TopCommand.class,
            LoadCommand.class,
            LogCommand.class,
            BackupCommand.class,
            EraseCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed; one line on standard error says why", "2:wrong usage"})
public final class FreshetCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Print the stack trace of an error too.")
    private boolean isVerbose;

    private final StopSignal stop;

    private FreshetCommand(StopSignal stop) {
        this.stop = stop;
    }

    /** Runs one command line and returns its exit code. Blocks until the command is done or was asked to stop. */
    public static int run(StopSignal stop, String... args) {
        CommandLine line = new CommandLine(new FreshetCommand(stop))
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOverwrittenOptionsAllowed(true)
                .setParameterExceptionHandler(ErrorLine::onWrongUsage)
                .setExecutionExceptionHandler(ErrorLine::onFailure);
        try {
            return line.execute(ConfigFile.expand(args, line));
        } catch (ParameterException e) {
            return ErrorLine.onWrongUsage(e, args);
        } catch (Error e) {
            return ErrorLine.onFailure(e, line);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is missing: serve, publish, tail, chat, replay, demo, top, load, log, backup or erase");
    }

    boolean isVerbose() {
        return isVerbose;
    }

    /** The stop signal of the command line that this command belongs to. */
    static StopSignal stopOf(CommandSpec spec) {
        return ((FreshetCommand) spec.root().userObject()).stop;
    }
}
