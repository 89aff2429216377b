package io.freshet.examples.input;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Which line of an IRC log answers which: lines of {@code A B -}, both counted from 0, where B answers A. A line that answers several is
 * taken to answer the latest of them; one that answers itself begins a conversation.
 */
public final class ReplyLinks {
    private static final long MAX_LENGTH = 1L << 26;

    private final Map<Integer, Integer> answered = new HashMap<>();

    private ReplyLinks() {}

    /** Links of a log that has none. */
    public static ReplyLinks none() {
        return new ReplyLinks();
    }

    /**
     * Reads a file.
     *
     * @throws IOException when it cannot be read, is longer than 64 MiB, or a line is none of these
     */
    public static ReplyLinks read(Path file) throws IOException {
        if (Files.size(file) > MAX_LENGTH) {
            throw new IOException(file + " is longer than " + MAX_LENGTH + " bytes");
        }
        ReplyLinks links = new ReplyLinks();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            String[] words = line.strip().split("\\s+", -1);
            if (words.length < 2 || !words[0].matches("\\d{1,9}") || !words[1].matches("\\d{1,9}")) {
                throw new IOException(file + ":" + number + ": not two line numbers");
            }
            links.add(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
        }
        return links;
    }

    private void add(int one, int other) {
        if (one != other) {
            answered.merge(Math.max(one, other), Math.min(one, other), Math::max);
        }
    }

    /** The line that this one answers, which stands before it; -1 when it answers none. */
    public int answeredBy(int line) {
        return answered.getOrDefault(line, -1);
    }
}
