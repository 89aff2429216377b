package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

final class ConfigFileTest {
    @TempDir
    private Path directory;

    @Test
    void shouldPutTheSettingsBeforeTheOptionsOfTheCommandLine() throws IOException {
        String file = write("# who listens\nhost = 0.0.0.0\n\n  port=7401  \n");

        assertArrayEquals(
                new String[] {"serve", "--host=0.0.0.0", "--port=7401", "--port", "7402", "--config", file},
                expand("serve", "--port", "7402", "--config", file));
        assertArrayEquals(
                new String[] {"serve", "--host=0.0.0.0", "--port=7401", "--config=" + file},
                expand("serve", "--config=" + file));
    }

    @Test
    void shouldLeaveOtherCommandLinesAsTheyAre() {
        String[] args = {"tail", "--channel", "serve", "--count", "1"};

        assertArrayEquals(args, expand(args));
        assertArrayEquals(new String[] {"serve"}, expand("serve"));
        assertArrayEquals(new String[] {}, expand());
    }

    @Test
    void shouldNameTheLineOfAnUnknownKey() throws IOException {
        String file = write("port=1\nprot=2\n");

        String problem = problem(file);
        assertTrue(problem.startsWith(file + ":2: unknown key 'prot'; known are "), problem);
        String keys = problem.substring(problem.indexOf("known are ") + "known are ".length());
        List<String> known = List.of(keys.split(", "));
        assertEquals(known.stream().sorted().toList(), known);
        assertTrue(known.containsAll(List.of("data", "port", "tls-cert", "max-connections")), keys);
        assertFalse(known.contains("config"), "a file names no other");
    }

    @Test
    void shouldNameALineThatSetsNothingAndNotShowIt() throws IOException {
        String file = write("\nsecret\n");

        assertEquals(file + ":2: not a line of the form key = value", problem(file));
    }

    @Test
    void shouldSayThatTheFileIsTooLongOrNoText() throws IOException {
        String file = write("# a comment\n".repeat(6_000));
        assertEquals("cannot read the configuration: " + file + " is longer than 65536 bytes", problem(file));

        Files.write(Path.of(file), new byte[] {(byte) 0xFF});
        assertEquals("cannot read the configuration: " + file + " is not text in UTF-8", problem(file));
    }

    @Test
    void shouldSayThatTheFileIsMissing() {
        String file = directory.resolve("none.conf").toString();

        assertEquals("cannot read the configuration: no such file: " + file, problem(file));
    }

    private String write(String text) throws IOException {
        return Files.writeString(directory.resolve("server.conf"), text).toString();
    }

    private static String problem(String file) {
        ParameterException e = assertThrows(ParameterException.class, () -> expand("serve", "--config", file));
        return String.valueOf(e.getMessage());
    }

    private static String[] expand(String... args) {
        return ConfigFile.expand(args, new CommandLine(new ServeParent()));
    }

    @CommandLine.Command(subcommands = ServeCommand.class)
    private static final class ServeParent {}
}
