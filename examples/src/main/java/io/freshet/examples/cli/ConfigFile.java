package io.freshet.examples.cli;

import io.freshet.protocol.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * The file of {@code serve --config}: lines of {@code key = value}, where a key is the name of an option without its
 * dashes; empty lines and lines that begin with {@code #} say nothing. It has 64 KiB at most. The settings stand before the options of the
 * command line, so that the command line wins.
 */
final class ConfigFile {
    private static final String COMMAND = "serve";
    private static final String OPTION = "--config";
    private static final int MAX_LENGTH = 64 * 1024;

    private ConfigFile() {}

    /** The same arguments with the settings of the file in place, when they are those of {@code serve} and name a file. */
    static String[] expand(String[] args, CommandLine line) {
        List<String> expanded = new ArrayList<>(List.of(args));
        int command = 0;
        while (command < args.length && args[command].startsWith("-")) {
            command++;
        }
        boolean isServe = command < args.length && args[command].equals(COMMAND);
        String file = isServe ? fileNamed(expanded.subList(command, args.length)) : null;
        if (file != null) {
            CommandLine serve = Objects.requireNonNull(line.getSubcommands().get(COMMAND));
            expanded.addAll(command + 1, settings(Path.of(file), serve.getCommandSpec()));
        }
        return expanded.toArray(String[]::new);
    }

    private static @Nullable String fileNamed(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.startsWith(OPTION + "=")) {
                return arg.substring(OPTION.length() + 1);
            }
            if (arg.equals(OPTION) && i + 1 < args.size()) {
                return args.get(i + 1);
            }
        }
        return null;
    }

    private static List<String> settings(Path file, CommandSpec serve) {
        List<String> lines;
        try {
            lines = WholeFile.text(file, MAX_LENGTH).lines().toList();
        } catch (IOException e) {
            throw new ParameterException(
                    serve.commandLine(), "cannot read the configuration: " + ErrorLine.sentence(e), e);
        }
        Set<String> known = knownKeys(serve);
        List<String> settings = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String place = file + ":" + (i + 1) + ": ";
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw new ParameterException(serve.commandLine(), place + "not a line of the form key = value");
            }
            String key = line.substring(0, equals).strip();
            if (!known.contains(key)) {
                throw new ParameterException(
                        serve.commandLine(),
                        place + "unknown key '" + key + "'; known are " + String.join(", ", known));
            }
            settings.add("--" + key + "=" + line.substring(equals + 1).strip());
        }
        return settings;
    }

    private static Set<String> knownKeys(CommandSpec serve) {
        Set<String> known = new TreeSet<>();
        serve.options().stream()
                .filter(option -> !option.inherited() && !option.usageHelp() && !option.versionHelp())
                .map(option -> option.longestName().substring(2))
                .filter(key -> !key.equals(OPTION.substring(2)))
                .forEach(known::add);
        return known;
    }
}
