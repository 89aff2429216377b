package io.freshet.examples.cli;

import io.freshet.log.StorageException;
import io.freshet.protocol.FreshetException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line on standard error that a user can act on. */
final class ErrorLine {
    private ErrorLine() {}

    static int onWrongUsage(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        String problem = e instanceof UnmatchedArgumentException unmatched
                ? "unknown " + (line.getSubcommands().isEmpty() ? "argument" : "command") + ": "
                        + String.join(" ", unmatched.getUnmatched())
                : sentence(e);
        line.getErr().println("freshet: " + problem);
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    static int onFailure(Exception e, CommandLine line, ParseResult parsed) {
        return onFailure(e, line);
    }

    static int onFailure(Throwable failure, CommandLine line) {
        Throwable cause = unwrapped(failure);
        line.getErr().println("freshet: " + sentence(cause));
        FreshetCommand command = (FreshetCommand) line.getCommandSpec().root().userObject();
        if (command.isVerbose()) {
            cause.printStackTrace(line.getErr());
        }
        return ExitCode.SOFTWARE;
    }

    /** What to tell people of this failure: one line, no class names where the cause is known. */
    static String sentence(Throwable failure) {
        Throwable cause = unwrapped(failure);
        String message = cause.getMessage();
        if (cause instanceof NoSuchFileException e) {
            return "no such file: " + e.getFile();
        }
        if (cause instanceof AccessDeniedException e) {
            return "permission denied: " + e.getFile();
        }
        if (cause instanceof FileSystemException e && e.getReason() != null) {
            return oneLine(e.getFile() + ": " + e.getReason());
        }
        if (message != null && isExpected(cause)) {
            return oneLine(message);
        }
        return oneLine("unexpected " + cause + "; --verbose says where");
    }

    private static boolean isExpected(Throwable cause) {
        return cause instanceof FreshetException
                || cause instanceof StorageException
                || cause instanceof IOException
                || cause instanceof ParameterException;
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable at = failure;
        while ((at instanceof CompletionException
                        || at instanceof ExecutionException
                        || at instanceof UncheckedIOException)
                && at.getCause() != null) {
            at = at.getCause();
        }
        return at;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
