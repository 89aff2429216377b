package io.freshet.engine.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import com.google.protobuf.StringValue;
import io.freshet.engine.Principal;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.service.Pushed;
import io.freshet.engine.service.Services;
import io.freshet.engine.service.ServicesAgent;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/**
 * {@link SessionCaller}. Proved: what a service wants done at a session's end is done once, also when the session ends in the moment in which that is asked; of
 * two pushes that are too long for the way to the reactor together, one is taken.
 */
public final class SessionCallerStress {
    private static final Principal USER = new Principal(4, "a user");

    private SessionCallerStress() {}

    /** Of a session whose reactor does nothing: it is never asked for. */
    private static SessionCaller caller(ServicesAgent agent) {
        ReactorProxy reactor = new ReactorProxy(new Mailbox(4, 4), () -> {});
        Calls calls = new Calls(new Services(), agent, Runnable::run, 1);
        SessionEnvironment environment = new SessionEnvironment(
                null, null, null, null, reactor, null, calls, null, null, null, null, null, null, null, null, null);
        return new SessionCaller(null, environment, 1, USER);
    }

    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Both have run, once.")
    @Outcome(expect = FORBIDDEN, desc = "One has not run, or twice.")
    @State
    public static class End {
        final ServicesAgent agent = new ServicesAgent(2, () -> 0, () -> {});
        final SessionCaller caller = caller(agent);
        int earlyCount;
        int lateCount;

        public End() {
            caller.onEnd(() -> earlyCount++);
        }

        @Actor
        public void service() {
            caller.onEnd(() -> lateCount++);
        }

        @Actor
        public void reactor() {
            caller.end();
        }

        @Arbiter
        public void later(II_Result r) {
            agent.doWork();
            r.r1 = earlyCount;
            r.r2 = lateCount;
        }
    }

    @JCStressTest
    @Outcome(
            id = {"true, false, false", "false, true, false"},
            expect = ACCEPTABLE,
            desc = "One is on its way, and a third has no room.")
    @Outcome(expect = FORBIDDEN, desc = "Both or neither, or the place of what was refused is not given back.")
    @State
    public static class TwoPushes {
        private static final Pushed LONG = Pushed.of(StringValue.of("x".repeat(40_000)));

        final SessionCaller caller = caller(new ServicesAgent(2, () -> 0, () -> {}));

        @Actor
        public void one(ZZZ_Result r) {
            r.r1 = caller.push(LONG);
        }

        @Actor
        public void other(ZZZ_Result r) {
            r.r2 = caller.push(LONG);
        }

        @Arbiter
        public void later(ZZZ_Result r) {
            r.r3 = caller.push(LONG);
        }
    }
}
