package io.freshet.log.chronicle;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link LogProgress}. Proved: the syncer never takes an append for done whose position it does not know yet; the owner never counts an append as synced
 * before readers that go by the position may read it; a fence is visible to whom it is told to.
 */
public final class LogProgressStress {
    private static final long POSITION = 7L << 40 | 9;

    private LogProgressStress() {}

    @JCStressTest
    @Outcome(
            id = {"0, -1", "0, 7696581394441", "1, 7696581394441"},
            expect = ACCEPTABLE,
            desc = "The position is not behind.")
    @Outcome(expect = FORBIDDEN, desc = "An append without its position.")
    @State
    public static class Appended {
        final LogProgress progress = new LogProgress();

        @Actor
        public void owner() {
            progress.appended(1, POSITION);
        }

        @Actor
        public void syncer(JJ_Result r) {
            r.r1 = progress.appendedOrdinal.get();
            r.r2 = progress.lastPosition.get();
        }
    }

    @JCStressTest
    @Outcome(
            id = {"0, -1", "0, 7696581394441", "1, 7696581394441"},
            expect = ACCEPTABLE,
            desc = "The position is not behind.")
    @Outcome(expect = FORBIDDEN, desc = "Synced, and not readable.")
    @State
    public static class Synced {
        final LogProgress progress = new LogProgress();

        @Actor
        public void syncer() {
            progress.synced(1, POSITION);
        }

        @Actor
        public void owner(JJ_Result r) {
            r.r1 = progress.syncedOrdinal;
            r.r2 = progress.syncedPosition;
        }
    }

    @JCStressTest
    @Outcome(
            id = {"false, false", "false, true", "true, true"},
            expect = ACCEPTABLE,
            desc = "Who is told finds it fenced.")
    @Outcome(expect = FORBIDDEN, desc = "Told, and not fenced.")
    @State
    public static class Fenced {
        final LogProgress progress = new LogProgress();
        volatile boolean isTold;

        public Fenced() {
            progress.listener(() -> isTold = true);
        }

        @Actor
        public void syncer() {
            progress.fence();
        }

        @Actor
        public void owner(ZZ_Result r) {
            r.r1 = isTold;
            r.r2 = progress.isFenced;
        }
    }
}
