package io.freshet.engine.session;

import java.util.ArrayList;
import java.util.List;

/**
 * The sessions of one reactor, each of which is looked at once per interval: as many at a time as the time that has passed
 * asks for, so that no cycle looks at all of them. It needs no timer for each. Owned by the reactor's thread.
 *
 * <p>The last session takes the place of one that ends, and may so be looked at one interval late.
 */
final class SessionTable {
    private static final int LOOKS_PER_CYCLE = 1024;

    private final long intervalNs;
    private final List<Session> sessions = new ArrayList<>();
    private int next;
    private long lookedNs;

    /** @param intervalNs how often each session is looked at */
    SessionTable(long intervalNs, long nowNs) {
        this.intervalNs = intervalNs;
        lookedNs = nowNs;
    }

    int size() {
        return sessions.size();
    }

    /** The session at a place from 0; a session that ends moves the last to its place, so walk from the last to the first. */
    Session at(int place) {
        return sessions.get(place);
    }

    void add(Session session) {
        session.place(sessions.size());
        sessions.add(session);
    }

    void remove(Session session) {
        Session last = sessions.remove(sessions.size() - 1);
        if (last != session) {
            sessions.set(session.place(), last);
            last.place(session.place());
        }
    }

    /** Looks at as many sessions as are due by now; returns how many. */
    int look(long nowNs) {
        int size = sessions.size();
        if (size == 0) {
            lookedNs = nowNs;
            return 0;
        }
        long perSessionNs = Math.max(1, intervalNs / size);
        long due = (nowNs - lookedNs) / perSessionNs;
        int count = (int) Math.min(due, Math.min(size, LOOKS_PER_CYCLE));
        lookedNs = due > size ? nowNs : lookedNs + count * perSessionNs;
        for (int i = 0; i < count && !sessions.isEmpty(); i++) {
            next = next > 0 && next <= sessions.size() ? next - 1 : sessions.size() - 1;
            sessions.get(next).onTimer(nowNs);
        }
        return count;
    }
}
