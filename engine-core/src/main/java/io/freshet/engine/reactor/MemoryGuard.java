package io.freshet.engine.reactor;

import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.session.Session;
import io.freshet.engine.session.Sessions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps what stuck connections hold within its bound. A batch that has left the recent window but waits in a connection's
 * outbound queue is pinned as a whole, however few of its bytes are left; so when too much is pinned, each stuck
 * connection's remainder is copied and the batch let go; and when the copies themselves are too much, the connections that
 * hold most are closed: they lose nothing, since they may come back and resume. Owned by the reactor's thread.
 */
public final class MemoryGuard {
    private final long pinnedLimitBytes;
    private final long outboundLimitBytes;
    private long compactedCount;
    private long closedCount;

    public MemoryGuard(long pinnedLimitBytes, long outboundLimitBytes) {
        this.pinnedLimitBytes = pinnedLimitBytes;
        this.outboundLimitBytes = outboundLimitBytes;
    }

    void check(Feeds feeds, Sessions sessions) {
        if (feeds.sweepPinned() <= pinnedLimitBytes) {
            return;
        }
        List<Session> stuck = new ArrayList<>();
        long outboundBytes = 0;
        for (Session session : sessions.all()) {
            if (!session.hasRoom()) {
                stuck.add(session);
                session.connection().compact();
                outboundBytes += session.connection().outboundLength();
                compactedCount++;
            }
        }
        feeds.sweepPinned();
        closeUntilBelow(stuck, outboundBytes);
    }

    private void closeUntilBelow(List<Session> stuck, long outboundBytes) {
        if (outboundBytes <= outboundLimitBytes) {
            return;
        }
        stuck.sort(Comparator.comparingLong(
                (Session session) -> -session.connection().outboundLength()));
        long remaining = outboundBytes;
        for (Session session : stuck) {
            if (remaining <= outboundLimitBytes) {
                return;
            }
            remaining -= session.connection().outboundLength();
            session.closeSlow();
            closedCount++;
        }
    }

    /** Connections whose remainder was copied, counted each time. */
    public long compactedCount() {
        return compactedCount;
    }

    /** Connections that were closed because of what they held. */
    public long closedCount() {
        return closedCount;
    }
}
