package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Mark.Stage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Marks the seconds and the stages of a run, for whoever adds up. Owned by the load thread. */
final class Marker {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Meter meter;
    private final LongSupplier expected;
    private final Consumer<Mark> marks;
    private long nextSecondNs;
    private boolean hasBegun;

    /** @param expected deliveries that are due for all that was published up to now */
    Marker(Meter meter, LongSupplier expected, Consumer<Mark> marks) {
        this.meter = meter;
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
        marks.accept(new Mark(stage, nowNs, threads.getCurrentThreadCpuTime(), meter.take(), expected.getAsLong()));
    }
}
