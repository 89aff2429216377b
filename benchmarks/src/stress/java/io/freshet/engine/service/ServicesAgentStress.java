package io.freshet.engine.service;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link ServicesAgent}. Proved: of a call and an agent that goes to sleep, the agent sees the call or is woken after it; a call that was taken runs once, one that
 * was refused never, and what must arrive runs once.
 */
public final class ServicesAgentStress {
    private ServicesAgentStress() {}

    /** The agent sleeps as an agent's thread does: a permit that was given meanwhile ends the sleep at once. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "true, true"},
            expect = ACCEPTABLE,
            desc = "Seen before it sleeps.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Not seen, and woken.")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "It sleeps over a call.")
    @State
    public static class WakeUp {
        volatile boolean isPermitted;
        final ServicesAgent agent = new ServicesAgent(2, () -> 0, () -> isPermitted = true);

        @Actor
        public void calling() {
            agent.offer(() -> {});
        }

        @Actor
        public void working(ZZ_Result r) {
            r.r1 = agent.doWork() > 0;
        }

        @Arbiter
        public void sleeping(ZZ_Result r) {
            r.r2 = isPermitted;
        }
    }

    /** One place is left for two calls, and an event comes besides. */
    @JCStressTest
    @Outcome(
            id = {"1, 1101", "10, 1110", "11, 1111"},
            expect = ACCEPTABLE,
            desc = "What was taken has run.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost, or ran twice, or though it was refused.")
    @State
    public static class FullQueue {
        final ServicesAgent agent = new ServicesAgent(2, () -> 0, () -> {});
        int done;
        boolean isFirstTaken;
        boolean isSecondTaken;

        public FullQueue() {
            agent.offer(() -> done += 100);
        }

        @Actor
        public void first() {
            isFirstTaken = agent.offer(() -> done += 1);
            agent.execute(() -> done += 1000);
        }

        @Actor
        public void second() {
            isSecondTaken = agent.offer(() -> done += 10);
        }

        @Actor
        public void working() {
            agent.doWork();
        }

        @Arbiter
        public void count(II_Result r) {
            agent.doWork();
            r.r1 = (isFirstTaken ? 1 : 0) + (isSecondTaken ? 10 : 0);
            r.r2 = done;
        }
    }
}
