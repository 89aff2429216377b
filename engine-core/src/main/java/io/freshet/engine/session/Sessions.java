package io.freshet.engine.session;

import io.freshet.engine.Principal;
import io.freshet.engine.limit.Admission;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters.CloseReason;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All sessions of one reactor: those that were touched in this cycle and are to be flushed, those that are behind and have
 * room. Owned by the reactor's thread.
 */
public final class Sessions {
    private static final int PUMP_TURNS = 16;

    /** Bytes handed in one cycle to those who are behind: some milliseconds of writing. */
    private static final long PUMP_LENGTH = 8 << 20;

    /** So often that no timeout is late by more than half of the shortest. */
    private static final int LOOKS_PER_TIMEOUT = 4;

    private final SessionEnvironment environment;
    private final long firstSessionId;
    private final SessionTable sessions;
    private final RefusedConnections refused;
    private final List<Session> touched = new ArrayList<>();
    private final ArrayDeque<Session> toPump = new ArrayDeque<>();
    private final ArrayDeque<Session> stopped = new ArrayDeque<>();
    private @Nullable Departures departures;
    private int trustedCount;
    private long sessionCount;
    private boolean isEnded;
    private int offeredConnectionCount;
    private long offeredLength;

    /** @param firstSessionId the first id that this reactor gives; the others follow */
    public Sessions(SessionEnvironment environment, long firstSessionId) {
        this.environment = environment;
        this.firstSessionId = firstSessionId;
        refused = new RefusedConnections(environment.allocator(), environment.counters(), environment.clock());
        sessions = new SessionTable(
                environment.limits().shortestTimeoutNs() / LOOKS_PER_TIMEOUT,
                environment.clock().nowNs());
    }

    /** Begins a session on a connection that was just made and says HELLO, or says when to come again; returns who handles it. */
    public ConnectionHandler accept(Connection connection) {
        assert environment.owner().isHeld();
        environment.counters().add(ReactorCounter.ACCEPTED, 1);
        if (isEnded) {
            return refused.drop(connection);
        }
        if (departures != null) {
            return refused.refuse(connection, ErrorCode.SHUTTING_DOWN, slotMs());
        }
        Admission.Entry entry = environment
                .admission()
                .admit(connection.address(), environment.clock().nowNs());
        ErrorCode refusal = entry.refusal();
        return refusal == null
                ? begin(connection, entry, null)
                : refused.refuse(connection, refusal, entry.retryAfterMs());
    }

    /** Begins a session of the application itself, which need not show credentials; returns who handles it. */
    public ConnectionHandler acceptTrusted(Connection connection, Principal principal) {
        environment.counters().add(ReactorCounter.ACCEPTED, 1);
        if (isEnded) {
            return refused.drop(connection);
        }
        trustedCount++;
        return begin(connection, null, principal);
    }

    private Session begin(Connection connection, Admission.@Nullable Entry entry, @Nullable Principal principal) {
        assert environment.owner().isHeld();
        Session session = new Session(firstSessionId + sessionCount++, connection, this, environment, entry, principal);
        sessions.add(session);
        environment.counters().set(ReactorCounter.CONNECTIONS, sessions.size());
        session.start();
        return session;
    }

    /** This session has something to send or to close at the end of the cycle. */
    void touch(Session session) {
        touched.add(session);
    }

    /** This session is behind and has room. */
    void pump(Session session) {
        toPump.addLast(session);
    }

    /** This session gave a publish to a full gateway: it is read from again when there is room. */
    void stopReading(Session session) {
        stopped.addLast(session);
    }

    void closed(Session session) {
        sessions.remove(session);
        trustedCount -= session.isTrusted() ? 1 : 0;
        environment.counters().set(ReactorCounter.CONNECTIONS, sessions.size());
    }

    /** A session ends because the engine ends it. */
    void closing(boolean wasReady, @Nullable ErrorCode failure) {
        if (failure == null) {
            environment.counters().closed(CloseReason.SERVER);
        } else {
            environment.counters().failed(failure);
        }
        environment.counters().add(ReactorCounter.SESSIONS, wasReady ? -1 : 0);
    }

    /** A session ends because its connection did. */
    void lost(boolean wasReady) {
        environment.counters().closed(CloseReason.PEER);
        environment.counters().add(ReactorCounter.SESSIONS, wasReady ? -1 : 0);
    }

    /**
     * Serves sessions that are behind and have room, a few chunks each, until all had their turn or enough was handed on for one cycle;
     * the others are first in the next. So those at the head wait for a bounded part of a crowd that catches up, however large it is.
     * Returns how many were served.
     */
    public int pump() {
        long endLength = offeredLength + PUMP_LENGTH;
        int count = 0;
        for (int left = toPump.size(); left > 0 && offeredLength < endLength; left--) {
            toPump.removeFirst().pump(PUMP_TURNS);
            count++;
        }
        return count;
    }

    /** Records were offered to a connection, of which {@code isFirst} says whether they are its first since the flush. */
    void offered(int length, boolean isFirst) {
        offeredLength += length;
        if (isFirst) {
            offeredConnectionCount++;
        }
    }

    /** Connections that were offered records since the last flush. */
    public int offeredConnectionCount() {
        return offeredConnectionCount;
    }

    /** Bytes of the records offered since the last flush. */
    public long offeredLength() {
        return offeredLength;
    }

    /** Whether there is something to flush. */
    public boolean hasTouched() {
        return !touched.isEmpty();
    }

    /** Sends what the cycle has collected; returns how many connections were flushed. */
    public int flush() {
        offeredConnectionCount = 0;
        offeredLength = 0;
        int count = touched.size();
        for (int i = 0; i < count; i++) {
            touched.get(i).flush();
        }
        environment.counters().add(ReactorCounter.FLUSHES, count);
        if (count == touched.size()) {
            touched.clear();
        } else {
            touched.subList(0, count).clear();
        }
        return count;
    }

    /** Reads again from sessions whose gateway has room again. */
    public void resumeStopped() {
        for (int i = stopped.size(); i > 0; i--) {
            stopped.removeFirst().awaited();
        }
    }

    /** Looks at the timeouts of sessions, a bounded number a cycle; returns how many were looked at. */
    public int onTimers() {
        long nowNs = environment.clock().nowNs();
        int toldCount = departures == null ? 0 : departures.advance(nowNs);
        return toldCount + sessions.look(nowNs);
    }

    /** Cuts connections that hold up a revocation; ten times a second. */
    public void onTick() {
        environment.revocations().onTick();
    }

    /** What takes rights back from these sessions. */
    public Revocations revocations() {
        return environment.revocations();
    }

    /** Sends cold reads that wait for room; returns how many. */
    public int advanceReads() {
        return environment.coldReads().advance();
    }

    /** Whether the next cycle has work that no event will announce. */
    public boolean hasRunnable() {
        return environment.coldReads().hasRunnable() || !toPump.isEmpty() || !touched.isEmpty();
    }

    /** Publishes that wait for an event before them, or for their own, to be decided on. */
    public int heldPublishCount() {
        return environment.checks().heldCount();
    }

    public int count() {
        return sessions.size();
    }

    /** Sessions that are not the application's own. */
    public int clientCount() {
        return sessions.size() - trustedCount;
    }

    /** Bytes that wait in the outbound queues of all connections. */
    public long outboundLength() {
        long length = 0;
        for (int i = sessions.size() - 1; i >= 0; i--) {
            length += sessions.at(i).connection().outboundLength();
        }
        return length;
    }

    /** Subscriptions that wait for their turn to have the log read. */
    public int waitingReadCount() {
        return environment.coldReads().waitingCount();
    }

    /** Cold reads under way for these sessions. */
    public int coldReadCount() {
        return environment.coldReads().underWayCount();
    }

    /** Tells every client to go, each with a slot of its own for coming back, and reads nothing more. */
    public void goAway(long drainNs) {
        for (int i = sessions.size() - 1; i >= 0; i--) {
            sessions.at(i).goAway(drainNs, slotMs(), false);
        }
    }

    /** Tells clients to leave, one after the other over this window, and serves them until they have; lets no other in. */
    public void depart(long windowNs) {
        departures = new Departures(sessions, this::slotMs, environment.clock().nowNs(), windowNs);
    }

    private int slotMs() {
        long slotNs = environment.admission().slotNs(environment.clock().nowNs());
        return Errors.RETRY_AFTER_MS + (int) TimeUnit.NANOSECONDS.toMillis(slotNs);
    }

    /** Closes every session once what was offered to it is sent. */
    public void closeAll() {
        for (int i = sessions.size() - 1; i >= 0; i--) {
            sessions.at(i).close();
        }
    }

    /** Ends every session at once, and each connection that comes afterwards. */
    public void abortAll() {
        isEnded = true;
        for (int i = sessions.size() - 1; i >= 0; i--) {
            sessions.at(i).abort();
        }
    }

    /** The session at a place from 0; walk from the last to the first, since one that ends moves the last to its place. */
    public Session at(int place) {
        return sessions.at(place);
    }
}
