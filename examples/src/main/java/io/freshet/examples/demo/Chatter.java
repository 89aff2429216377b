package io.freshet.examples.demo;

import io.freshet.examples.input.IrcLine;
import io.freshet.examples.input.IrcLog;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;

/** What the speakers say: lines of a log in turn, or sentences made up from a seed. Belongs to one thread. */
public final class Chatter {
    private static final String[] WORDS = {
        "goal",
        "what",
        "a",
        "save",
        "did",
        "you",
        "see",
        "that",
        "the",
        "crowd",
        "is",
        "awake",
        "again",
        "yes",
        "no",
        "offside",
        "never",
        "in",
        "my",
        "life",
        "snow",
        "melts",
        "river",
        "rises",
        "hello",
        "from",
        "Zürich",
        "東京",
        "São",
        "Paulo",
        "Łódź",
        "everybody",
        "at",
        "once",
        "🌊",
        "🎉",
        "ha",
        "late",
        "minute",
        "corner",
        "keeper"
    };
    private static final int MIN_WORD_COUNT = 3;
    private static final int MAX_WORD_COUNT = 14;

    private final List<byte[]> lines;
    private final RandomGenerator random;
    private int next;

    private Chatter(List<byte[]> lines, RandomGenerator random) {
        this.lines = lines;
        this.random = random;
    }

    /** Sentences without much sense. */
    public static Chatter madeUp(RandomGenerator random) {
        return new Chatter(List.of(), random);
    }

    /** The lines of a log, from the first again after the last; sentences made up when it has none. */
    public static Chatter of(IrcLog log, RandomGenerator random) {
        return new Chatter(log.lines().stream().map(IrcLine::bytes).toList(), random);
    }

    byte[] next() {
        if (!lines.isEmpty()) {
            byte[] line = lines.get(next);
            next = next + 1 == lines.size() ? 0 : next + 1;
            return line;
        }
        StringBuilder sentence = new StringBuilder();
        int wordCount = random.nextInt(MIN_WORD_COUNT, MAX_WORD_COUNT + 1);
        for (int i = 0; i < wordCount; i++) {
            sentence.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
        return sentence.toString().getBytes(StandardCharsets.UTF_8);
    }
}
