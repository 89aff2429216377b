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
    /** What cannot be unpinned at once is looked at again when it has grown by this part of the limit. */
    private static final int LOOK_AGAIN_PART = 8;

    private final long pinnedLimitBytes;
    private final long outboundLimitBytes;
    private long lookAgainBytes;
    private long compactedCount;
    private long closedCount;

    public MemoryGuard(long pinnedLimitBytes, long outboundLimitBytes) {
        this.pinnedLimitBytes = pinnedLimitBytes;
        this.outboundLimitBytes = outboundLimitBytes;
        lookAgainBytes = pinnedLimitBytes;
    }

    /** Looks at every cycle's end whether more is pinned than allowed, and more than the last look could help. */
    void onCycle(Feeds feeds, Sessions sessions) {
        if (feeds.pinnedBytes() > lookAgainBytes) {
            check(feeds, sessions);
        }
    }

    /** Frees what is no longer pinned and enforces the bounds. */
    void check(Feeds feeds, Sessions sessions) {
        if (feeds.sweepPinned() > pinnedLimitBytes) {
            unpin(feeds, sessions);
        }
        lookAgainBytes = Math.max(pinnedLimitBytes, feeds.pinnedBytes() + pinnedLimitBytes / LOOK_AGAIN_PART);
    }

    private void unpin(Feeds feeds, Sessions sessions) {
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
