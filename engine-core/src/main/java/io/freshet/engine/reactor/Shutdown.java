package io.freshet.engine.reactor;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * Ends the connections of all reactors in order: clients are told to go and nothing more is read; once what was accepted is committed,
 * acknowledged and sent, or the time is over, connections are closed. Owned by whoever invokes it, a thread that waits or a
 * simulation.
 */
public final class Shutdown implements Agent {
    /** How long after the end a reactor that does not answer is waited for. */
    private static final long GRACE_NS = TimeUnit.SECONDS.toNanos(10);

    private enum Phase {
        GO_AWAY,
        /** Until nothing is under way: asked until yes twice in a row, since what one reactor had just sent to another has arrived by then. */
        QUIET,
        QUIET_AGAIN,
        CLOSE,
        GONE,
        DONE
    }

    private final List<Round.Member> members;
    private final NanoClock clock;
    private final long timeoutNs;
    private final long endNs;
    private Phase phase = Phase.GO_AWAY;
    private Round round;

    Shutdown(List<Round.Member> members, NanoClock clock, long timeoutNs) {
        this.members = members;
        this.clock = clock;
        this.timeoutNs = timeoutNs;
        endNs = clock.nanoTime() + timeoutNs;
        round = new Round(members, question(phase));
    }

    /** Whether no connection is left, or the time is over. */
    public boolean isDone() {
        return phase == Phase.DONE;
    }

    @Override
    public int doWork() {
        if (phase == Phase.DONE) {
            return 0;
        }
        boolean isAnswered = round.isAnswered();
        long lateNs = clock.nanoTime() - endNs;
        if (!isAnswered && lateNs < GRACE_NS) {
            return 0;
        }
        Phase next = next(isAnswered && round.isYes(), lateNs >= 0);
        int workCount = next == phase ? 0 : 1;
        phase = next;
        round = new Round(members, question(next));
        return workCount;
    }

    private Phase next(boolean isYes, boolean isLate) {
        return switch (phase) {
            case GO_AWAY -> Phase.QUIET;
            case QUIET -> isLate ? Phase.CLOSE : isYes ? Phase.QUIET_AGAIN : Phase.QUIET;
            case QUIET_AGAIN -> isLate || isYes ? Phase.CLOSE : Phase.QUIET;
            case CLOSE -> Phase.GONE;
            case GONE -> isYes || isLate ? Phase.DONE : Phase.GONE;
            case DONE -> Phase.DONE;
        };
    }

    private Predicate<Reactor> question(Phase asked) {
        return switch (asked) {
            case GO_AWAY ->
                reactor -> {
                    reactor.sessions().goAway(timeoutNs);
                    return true;
                };
            case QUIET, QUIET_AGAIN -> Reactor::settle;
            case CLOSE ->
                reactor -> {
                    reactor.sessions().closeAll();
                    return true;
                };
            case GONE, DONE -> reactor -> reactor.sessions().count() == 0;
        };
    }

    @Override
    public String roleName() {
        return "shutdown";
    }
}
