package io.freshet.engine.simulation;

import java.util.ArrayDeque;

/** What has happened: the last lines, put into words only when somebody asks, and all of it as a hash. */
final class Trace {
    private static final int KEPT_LINES = 200;
    private static final long PRIME = 0x100000001B3L;

    private final ArrayDeque<Line> lines = new ArrayDeque<>();
    private long hash = 0xCBF29CE484222325L;

    /** An actor's turn begins. */
    void step(long number, long timeNs, String actor) {
        line(new Line(number, timeNs, actor, ""));
    }

    /** Something within a turn. */
    void note(String text) {
        note(text, "");
    }

    /** Something that has happened to somebody within a turn. */
    void note(String who, String what) {
        line(new Line(0, 0, who, what));
    }

    private void line(Line line) {
        hash = (hash ^ line.number) * PRIME;
        hash = (hash ^ line.timeNs) * PRIME;
        hash = (hash ^ line.who.hashCode()) * PRIME;
        hash = (hash ^ line.what.hashCode()) * PRIME;
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
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    private record Line(long number, long timeNs, String who, String what) {
        @Override
        public String toString() {
            return number > 0 ? "#" + number + " " + timeNs / 1_000 + "us " + who : "    " + who + what;
        }
    }
}
