package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Mark.Stage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Marks the seconds and the stages of a run, for whoever adds up. Owned by the leader's thread. */
final class Marker {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final LoadTeam team;
    private final LongSupplier expected;
    private final Consumer<Mark> marks;
    private long nextSecondNs;
    private boolean hasBegun;

    /** @param expected deliveries that are due for all that was published up to now; asked while all threads stand still */
    Marker(LoadTeam team, LongSupplier expected, Consumer<Mark> marks) {
        this.team = team;
        this.expected = expected;
        this.marks = marks;
    }

    /** In each turn. Returns how long it is to the next second. */
    long doWork(long nowNs) {
        if (!hasBegun) {
            hasBegun = true;
            nextSecondNs = nowNs + SECOND_NS;
        }
        if (nowNs - nextSecondNs >= 0) {
            mark(Stage.SECOND, nowNs);
            nextSecondNs += SECOND_NS;
        }
        return Math.max(1, nextSecondNs - nowNs);
    }

    void mark(Stage stage, long nowNs) {
        team.standStill(() -> marks.accept(new Mark(stage, nowNs, team.cpuNs(), team.take(), expected.getAsLong())));
    }
}
