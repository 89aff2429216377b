package io.freshet.engine.limit;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.engine.Rate;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link SharedBucket}. Proved: the last token goes to one of those who take it; whatever is taken or charged at once is gone for both, so that no rate is
 * exceeded and no token lost.
 */
public final class SharedBucketStress {
    private static final long NOW_NS = 1;
    private static final int BURST = 4;

    private SharedBucketStress() {}

    private static SharedBucket bucket(int burst) {
        SharedBucket bucket = SharedBucket.of(new Rate(1, burst), NOW_NS);
        if (bucket == null) {
            throw new IllegalStateException("a rate with a limit");
        }
        return bucket;
    }

    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "One has it.")
    @Outcome(expect = FORBIDDEN, desc = "Both have it, or nobody.")
    @State
    public static class LastToken {
        final SharedBucket bucket = bucket(1);

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = bucket.take(NOW_NS) == 0;
        }

        @Actor
        public void other(ZZ_Result r) {
            r.r2 = bucket.take(NOW_NS) == 0;
        }
    }

    /** Four tokens: one is taken, two are charged. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "One is left.")
    @Outcome(expect = FORBIDDEN, desc = "Something taken was given back, or taken twice.")
    @State
    public static class TakeAndCharge {
        final SharedBucket bucket = bucket(BURST);

        @Actor
        public void taker(JJ_Result r) {
            r.r1 = bucket.take(NOW_NS);
        }

        @Actor
        public void charger() {
            bucket.charge(2, NOW_NS);
        }

        @Arbiter
        public void left(JJ_Result r) {
            while (bucket.take(NOW_NS) == 0) {
                r.r2++;
            }
        }
    }
}
