package io.freshet.engine.session;

import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Takes rights back from the sessions of one reactor: finds the sessions of a principal, has each end its use of the channel, and
 * waits until what was on its way to their peers is written. A connection that does not take it within a second is cut. Owned
 * by the reactor's thread.
 *
 * <p>From {@link #apply} on nothing of the channel is handed to those connections; once it answers nothing is left in their
 * queues either.
 */
public final class Revocations {
    /** Stands for all channels. */
    public static final long EVERY_CHANNEL = -1;

    /** The id of no principal: that of the engine itself, whose rights nobody takes back. */
    static final long NOBODY = 0;

    private static final long WRITE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(1);

    private final CycleClock clock;
    private final ReactorCounters counters;
    private final EventChecks checks;
    /** The first of each principal's sessions, which are linked through themselves. */
    private final Long2ObjectHashMap<Session> byPrincipal = new Long2ObjectHashMap<>();

    private final ArrayDeque<Writing> underWay = new ArrayDeque<>();

    public Revocations(CycleClock clock, ReactorCounters counters, EventChecks checks) {
        this.checks = checks;
        this.clock = clock;
        this.counters = counters;
    }

    /** It is known now whose session this is. */
    void identified(Session session, long principal) {
        if (principal != NOBODY) {
            Session first = byPrincipal.put(principal, session);
            session.nextOfPrincipal = first;
            if (first != null) {
                first.previousOfPrincipal = session;
            }
        }
    }

    /** The connection of this session is gone. */
    void ended(Session session, long principal) {
        if (principal == NOBODY) {
            return;
        }
        Session next = session.nextOfPrincipal;
        Session previous = session.previousOfPrincipal;
        if (next != null) {
            next.previousOfPrincipal = previous;
        }
        if (previous != null) {
            previous.nextOfPrincipal = next;
        } else if (next != null) {
            byPrincipal.put(principal, next);
        } else {
            byPrincipal.remove(principal);
        }
        session.nextOfPrincipal = null;
        session.previousOfPrincipal = null;
    }

    /**
     * Takes back what a principal may do with one channel, or with {@link #EVERY_CHANNEL}. Sessions that are closing count too: they may
     * still have something to write.
     *
     * @param applied run once, when nothing of the channel is on its way to the principal's peers any more
     */
    public void apply(long principal, long channel, Runnable applied) {
        checks.onRevoked();
        Writing writing = new Writing(applied, clock.nowNs() + WRITE_TIMEOUT_NS);
        for (Session session = byPrincipal.get(principal); session != null; session = session.nextOfPrincipal) {
            writing.waiting.add(session);
        }
        if (writing.waiting.isEmpty()) {
            applied.run();
            return;
        }
        underWay.addLast(writing);
        for (Session session : new ArrayList<>(writing.waiting)) {
            session.revoke(channel, () -> written(writing, session));
        }
    }

    private void written(Writing writing, Session session) {
        writing.waiting.remove(session);
        if (writing.waiting.isEmpty() && underWay.remove(writing)) {
            writing.applied.run();
        }
    }

    /** Cuts the connections that had their time; several times a second. */
    public void onTick() {
        if (underWay.isEmpty()) {
            return;
        }
        for (Writing writing : new ArrayList<>(underWay)) {
            if (!writing.isCut && clock.nowNs() - writing.deadlineNs >= 0) {
                writing.isCut = true;
                for (Session session : new ArrayList<>(writing.waiting)) {
                    counters.add(ReactorCounter.REVOKED_CONNECTIONS, 1);
                    session.abort();
                }
            }
        }
    }

    /** What one revocation waits for: sessions whose queues may still hold something of the channel, in a fixed order. */
    private static final class Writing {
        final Runnable applied;
        final long deadlineNs;
        final Set<Session> waiting = new LinkedHashSet<>();
        boolean isCut;

        Writing(Runnable applied, long deadlineNs) {
            this.applied = applied;
            this.deadlineNs = deadlineNs;
        }
    }
}
