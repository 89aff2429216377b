package io.freshet.examples.cli.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The text file with a target's kept inputs, and the directory of one file an input that Jazzer wants. */
final class KeptInputs {
    /** Bytes of all inputs of one target together: enough to reach what is known to be reachable, little enough to be kept. */
    private static final int MAX_KEPT_LENGTH = 12 * 1024;

    private final Path file;

    KeptInputs(Path file) {
        this.file = file;
    }

    /** Writes each input to a file of its own. */
    void unpack(Path directory) throws IOException {
        Files.createDirectories(directory);
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            if (!line.startsWith("#")) {
                Files.write(
                        directory.resolve("kept-" + number++), HexFormat.of().parseHex(line));
            }
        }
    }

    /** Keeps the inputs of this directory instead, the shortest first, as many as there is room for; returns how many. */
    int pack(Path directory) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("#"))
                .toList());
        int headCount = lines.size();
        int length = 0;
        for (String input : inputs(directory)) {
            length += input.length() / 2;
            if (length <= MAX_KEPT_LENGTH) {
                lines.add(input);
            }
        }
        Files.write(file, lines);
        return lines.size() - headCount;
    }

    private static List<String> inputs(Path directory) throws IOException {
        List<String> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path each : files.toList()) {
                inputs.add(HexFormat.of().formatHex(Files.readAllBytes(each)));
            }
        }
        inputs.sort(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        return inputs;
    }
}
