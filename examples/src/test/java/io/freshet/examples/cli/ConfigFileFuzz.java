package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Any file as the configuration of {@code serve}: it is either refused by a sentence for people, or it sets options of
 * {@code serve} and does nothing else: what the command line says stays as it is and comes last.
 */
public final class ConfigFileFuzz {
    private static final Path FILE = temporary();

    private ConfigFileFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        CommandLine line = new CommandLine(new ServeParent());
        String[] given = {"serve", "--config", FILE.toString()};
        try {
            Files.write(FILE, data);
            String[] args = ConfigFile.expand(given, line);
            int settingCount = args.length - given.length;
            for (String setting : Arrays.copyOfRange(args, 1, 1 + settingCount)) {
                assertTrue(setting.matches("(?s)--[a-z-]+=.*"), setting);
                assertFalse(setting.startsWith("--config="), setting);
            }
            assertArrayEquals(
                    Arrays.copyOfRange(given, 1, given.length),
                    Arrays.copyOfRange(args, 1 + settingCount, args.length));
            line.parseArgs(args);
        } catch (ParameterException e) {
            assertFalse(String.valueOf(e.getMessage()).isBlank());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path temporary() {
        try {
            Path file = Files.createTempFile("freshet-fuzz", ".conf");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @CommandLine.Command(subcommands = ServeCommand.class)
    private static final class ServeParent {}
}
