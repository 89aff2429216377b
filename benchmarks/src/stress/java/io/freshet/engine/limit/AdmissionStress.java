package io.freshet.engine.limit;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/**
 * {@link Admission}. Proved: of two connections that want the last place of the server, one gets it, and what is refused is not counted; two who ask for a slot
 * at once get two.
 */
public final class AdmissionStress {
    private static final long NOW_NS = 1;

    private AdmissionStress() {}

    private static Admission admission(int count) {
        ConnectionLimits limits =
                new ConnectionLimits(count, 10, Rate.UNLIMITED, Rate.UNLIMITED, Duration.ZERO, Duration.ofMinutes(1));
        return new Admission(limits, RateLimits.DEFAULTS, NOW_NS);
    }

    @JCStressTest
    @Outcome(
            id = {"true, false, 1", "false, true, 1"},
            expect = ACCEPTABLE,
            desc = "One is in.")
    @Outcome(expect = FORBIDDEN, desc = "Both are in, or nobody, or a count is wrong.")
    @State
    public static class LastPlace {
        final Admission admission = admission(1);

        @Actor
        public void one(ZZI_Result r) {
            r.r1 = admission.admit(null, NOW_NS).refusal() == null;
        }

        @Actor
        public void other(ZZI_Result r) {
            r.r2 = admission.admit(null, NOW_NS).refusal() == null;
        }

        @Arbiter
        public void counted(ZZI_Result r) {
            r.r3 = admission.connectionCount();
        }
    }

    @JCStressTest
    @Outcome(
            id = {"1000000, 2000000", "2000000, 1000000"},
            expect = ACCEPTABLE,
            desc = "One after the other, a millisecond apart.")
    @Outcome(expect = FORBIDDEN, desc = "The same slot twice, or one that nobody has.")
    @State
    public static class Slots {
        final Admission admission = admission(10);

        @Actor
        public void one(JJ_Result r) {
            r.r1 = admission.slotNs(NOW_NS);
        }

        @Actor
        public void other(JJ_Result r) {
            r.r2 = admission.slotNs(NOW_NS);
        }
    }
}
