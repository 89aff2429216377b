package io.freshet.engine.simulation;

import java.util.ArrayDeque;

/** What has happened: the last lines as text, all of it as a hash. */
final class Trace {
    private static final int KEPT_LINES = 200;

    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private long hash = 0xCBF29CE484222325L;

    /** An actor's turn begins. */
    void step(long number, long timeNs, String actor) {
        line("#" + number + " " + timeNs / 1_000 + "us " + actor);
    }

    /** Something within a turn. */
    void note(String text) {
        line("    " + text);
    }

    private void line(String line) {
        for (int i = 0; i < line.length(); i++) {
            hash = (hash ^ line.charAt(i)) * 0x100000001B3L;
        }
        lines.addLast(line);
        if (lines.size() > KEPT_LINES) {
            lines.removeFirst();
        }
    }

    long hash() {
        return hash;
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
