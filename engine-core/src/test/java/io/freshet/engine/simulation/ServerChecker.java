package io.freshet.engine.simulation;

import io.freshet.engine.metrics.ReactorCounter;
import java.util.List;

/** What must hold of a server at every step, and of one that has ended in order: it sleeps over no work, and then holds nothing. */
final class ServerChecker {
    private static final int MEMORY_STEPS = 256;

    private final Verdict verdict;
    private final SilenceChecker silence;
    private final MemoryChecker memory;

    ServerChecker(Verdict verdict, Scenario scenario, SilenceChecker silence) {
        this.verdict = verdict;
        this.silence = silence;
        memory = new MemoryChecker(verdict, scenario);
    }

    /** To be called after every step. */
    void check(SimServer running, long stepCount) {
        for (ReactorActor reactor : running.reactors()) {
            verdict.check(!reactor.io().isAsleepOverWork(), () -> reactor.name() + " sleeps over work: a lost wake-up");
            verdict.check(
                    reactor.mailbox().failureCount() == 0, () -> "a message to " + reactor.name() + " has thrown");
        }
        verdict.check(!running.reader().isAsleepOverWork(), "the reader sleeps over work: a lost wake-up");
        verdict.check(!running.services().isAsleepOverWork(), "the services' agent sleeps over work: a lost wake-up");
        if (stepCount % MEMORY_STEPS == 0) {
            memory.check(running);
            silence.check();
        }
    }

    void checkEnded(SimServer ended) {
        for (ReactorCounter left : List.of(
                ReactorCounter.CONNECTIONS,
                ReactorCounter.SESSIONS,
                ReactorCounter.REQUESTS_UNDER_WAY,
                ReactorCounter.SUBSCRIPTIONS_AT_HEAD,
                ReactorCounter.SUBSCRIPTIONS_BEHIND)) {
            verdict.check(ended.count(left) == 0, () -> left + " ends at " + ended.count(left));
        }
        int liveCount = ended.allocator().liveCount();
        verdict.check(liveCount == 0, () -> liveCount + " buffers of the server leak");
    }
}
