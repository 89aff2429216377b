package io.freshet.engine.reactor;

import java.util.List;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * Asks the clients of all reactors to leave, one after the other over a window, and is done once they have left or the window is over.
 * They are served until then: what they send is answered. Owned by whoever invokes it, a thread that waits or a simulation.
 */
public final class Departure implements Agent {
    private final List<Round.Member> members;
    private final NanoClock clock;
    private final long windowNs;
    private final long endNs;
    private Round round;
    private boolean isTold;
    private boolean isDone;

    Departure(List<Round.Member> members, NanoClock clock, long windowNs) {
        this.members = members;
        this.clock = clock;
        this.windowNs = windowNs;
        endNs = clock.nanoTime() + windowNs;
        round = new Round(members, this::tell);
    }

    private boolean tell(Reactor reactor) {
        reactor.sessions().depart(windowNs);
        return true;
    }

    /** Whether all have left or the window is over. */
    public boolean isDone() {
        return isDone;
    }

    @Override
    public int doWork() {
        if (isDone) {
            return 0;
        }
        if (clock.nanoTime() - endNs >= 0) {
            isDone = true;
            return 1;
        }
        if (!round.isAnswered()) {
            return 0;
        }
        if (isTold && round.isYes()) {
            isDone = true;
            return 1;
        }
        boolean wasTold = isTold;
        isTold = true;
        round = new Round(members, reactor -> reactor.sessions().clientCount() == 0);
        return wasTold ? 0 : 1;
    }

    @Override
    public String roleName() {
        return "departure";
    }
}
