package io.freshet.engine.metrics;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.J_Result;

/**
 * {@link Counters}, written by one thread with plain loads and opaque stores. Proved: a reader sees a number whole, never lower than before,
 * and all of it once the writer is done. Not promised: an order between two numbers.
 */
public final class CountersStress {
    private CountersStress() {}

    /** What is counted here. */
    public enum Counted {
        ONE
    }

    @JCStressTest
    @Outcome(
            id = {"0, 0, 2", "0, 1, 2", "0, 2, 2", "1, 1, 2", "1, 2, 2", "2, 2, 2"},
            expect = ACCEPTABLE,
            desc = "It rises.")
    @Outcome(expect = FORBIDDEN, desc = "It fell, or an addition was lost.")
    @State
    public static class Rising {
        final Counters<Counted> counters = new Counters<>(Counted.class);

        @Actor
        public void writer() {
            counters.add(Counted.ONE, 1);
            counters.add(Counted.ONE, 1);
        }

        @Actor
        public void reader(III_Result r) {
            r.r1 = (int) counters.value(Counted.ONE);
            r.r2 = (int) counters.value(Counted.ONE);
        }

        @Arbiter
        public void total(III_Result r) {
            r.r3 = (int) counters.value(Counted.ONE);
        }
    }

    @JCStressTest
    @Outcome(
            id = {"0", "-1"},
            expect = ACCEPTABLE,
            desc = "Before or after.")
    @Outcome(expect = FORBIDDEN, desc = "Half of a number.")
    @State
    public static class Whole {
        final Counters<Counted> counters = new Counters<>(Counted.class);

        @Actor
        public void writer() {
            counters.set(Counted.ONE, -1);
        }

        @Actor
        public void reader(J_Result r) {
            r.r1 = counters.value(Counted.ONE);
        }
    }
}
