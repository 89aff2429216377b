package io.freshet.engine.presence;

import io.freshet.engine.service.Pushed;
import io.freshet.protocol.v1.PresenceUpdate;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Who is still to hear that it is told nothing more of a group. A notice stays until it was taken, the session ends, or it looks at the group again. A session has no more
 * of them than it may look at groups, since {@link PresenceSession#lookCount} counts them. One thread.
 */
final class EndNotices {
    private final long retryNs;
    private final Set<PresenceSession> waiting = new LinkedHashSet<>();
    private boolean wasRefused;
    private long dueNs;

    /** @param retryNs after a refusal, until it is tried again */
    EndNotices(long retryNs) {
        this.retryNs = retryNs;
    }

    void add(PresenceSession session, String group) {
        session.untoldEnds().add(group);
        waiting.add(session);
    }

    /** The session has ended. */
    void forget(PresenceSession session) {
        waiting.remove(session);
        session.untoldEnds().clear();
    }

    void tell(long nowNs) {
        if (wasRefused && nowNs - dueNs < 0) {
            return;
        }
        wasRefused = false;
        for (Iterator<PresenceSession> sessions = waiting.iterator(); sessions.hasNext(); ) {
            if (tell(sessions.next())) {
                sessions.remove();
            } else {
                wasRefused = true;
            }
        }
        dueNs = nowNs + retryNs;
    }

    /** Whether it has taken everything. */
    private static boolean tell(PresenceSession session) {
        for (Iterator<String> groups = session.untoldEnds().iterator(); groups.hasNext(); ) {
            PresenceUpdate update = PresenceUpdate.newBuilder()
                    .setGroup(groups.next())
                    .setFull(true)
                    .setEnded(true)
                    .build();
            if (!session.receiver().push(Pushed.of(update))) {
                return false;
            }
            groups.remove();
        }
        return true;
    }

    /** Sessions that are still to hear something. */
    int waitingCount() {
        return waiting.size();
    }
}
