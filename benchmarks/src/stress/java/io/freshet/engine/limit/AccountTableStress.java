package io.freshet.engine.limit;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.engine.Rate;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link AccountTable}. Proved: of two who want the last place of an address, one gets it; an account that somebody begins to use while the table is swept is
 * in the table afterwards, with its user counted.
 */
public final class AccountTableStress {
    private static final long KEY = 1;
    private static final long OTHER_KEY = 2;
    private static final long BEGIN_NS = 1;
    private static final long LATER_NS = 2_000_000_000L;

    private AccountTableStress() {}

    private static AccountTable table() {
        return new AccountTable(new Rate(10, 10), new Rate(10, 10), 1, BEGIN_NS);
    }

    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "One has the place.")
    @Outcome(expect = FORBIDDEN, desc = "Both have it, or nobody.")
    @State
    public static class LastPlace {
        final AccountTable table = table();

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = table.hold(KEY, 1, BEGIN_NS) != null;
        }

        @Actor
        public void other(ZZ_Result r) {
            r.r2 = table.hold(KEY, 1, BEGIN_NS) != null;
        }
    }

    /** A table of one, whose account nobody uses any more: one comes back to it while another has it swept out. */
    @JCStressTest
    @Outcome(id = "true, true, false", expect = ACCEPTABLE, desc = "Used again before the sweep, and kept.")
    @Outcome(id = "false, true, true", expect = ACCEPTABLE, desc = "Swept before; the other one has the place.")
    @Outcome(id = "false, true, false", expect = ACCEPTABLE, desc = "Swept before, and made anew.")
    @Outcome(expect = FORBIDDEN, desc = "An account in use was swept out.")
    @State
    public static class SweptWhileHeld {
        final AccountTable table = table();
        final Account first;
        private Account found;

        public SweptWhileHeld() {
            first = table.hold(KEY, 1, BEGIN_NS);
            table.letGo(KEY, first);
        }

        @Actor
        public void user() {
            found = table.hold(KEY, 1, BEGIN_NS);
        }

        @Actor
        public void sweeper() {
            table.hold(OTHER_KEY, 1, LATER_NS);
        }

        @Arbiter
        public void kept(ZZZ_Result r) {
            r.r1 = found == first;
            r.r2 = found != null;
            r.r3 = table.hold(KEY, 1, BEGIN_NS) != null; // a second user: only the shared account takes any number
        }
    }
}
