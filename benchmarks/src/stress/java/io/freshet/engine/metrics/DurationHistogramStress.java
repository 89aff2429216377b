package io.freshet.engine.metrics;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * {@link DurationHistogram}: one thread records, two read. Proved: each duration is counted once, however many read meanwhile; whoever reads later sees no fewer; the
 * sum is not behind once the writer is done.
 */
@JCStressTest
@Outcome(
        id = {"[012], [012], 2, 3000"},
        expect = ACCEPTABLE,
        desc = "Both, once.")
@Outcome(expect = FORBIDDEN, desc = "One was lost or counted twice.")
@State
public class DurationHistogramStress {
    private final DurationHistogram histogram = new DurationHistogram(() -> 1);

    @Actor
    public void writer() {
        histogram.record(1_000);
        histogram.record(2_000);
    }

    @Actor
    public void one(IIII_Result r) {
        r.r1 = (int) histogram.read().count();
    }

    @Actor
    public void other(IIII_Result r) {
        r.r2 = (int) histogram.read().count();
    }

    @Arbiter
    public void rest(IIII_Result r) {
        Durations all = histogram.read();
        r.r3 = (int) all.count();
        r.r4 = (int) all.totalNs();
    }
}
