package io.freshet.engine.reactor;

import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.session.Session;
import io.freshet.engine.session.Sessions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps what connections hold within its bounds. A batch that has left the recent window but waits in an outbound queue is
 * pinned as a whole, however few of its bytes are left; so when too much is pinned, the remainders of stuck connections, and
 * then of all that have some, are copied and the batches let go. When what waits in the queues of stuck connections is too
 * much by itself, those that hold most are closed: they lose nothing, since they may come back and resume. Owned by the
 * reactor's thread, and asked after the cycle's flush: what is left in a queue then is what the network did not take.
 */
public final class MemoryGuard {
    /** What cannot be unpinned at once is looked at again when it has grown by this part of the limit. */
    private static final int LOOK_AGAIN_PART = 8;

    private final long pinnedLimitBytes;
    private final long outboundLimitBytes;
    private long lookAgainBytes;
    private long seenOutboundBytes;
    private long compactedCount;

    public MemoryGuard(long pinnedLimitBytes, long outboundLimitBytes) {
        this.pinnedLimitBytes = pinnedLimitBytes;
        this.outboundLimitBytes = outboundLimitBytes;
        lookAgainBytes = pinnedLimitBytes;
    }

    /** Looks at every cycle's end whether more is pinned than allowed, and more than the last look could help. */
    void onCycle(Feeds feeds, Sessions sessions) {
        if (feeds.pinnedBytes() > lookAgainBytes) {
            enforcePinned(feeds, sessions);
        }
    }

    /** Frees what is no longer pinned and enforces both bounds; ten times a second. */
    void onTick(Feeds feeds, Sessions sessions) {
        enforcePinned(feeds, sessions);
        enforceOutbound(sessions);
    }

    private void enforcePinned(Feeds feeds, Sessions sessions) {
        if (feeds.sweepPinned() > pinnedLimitBytes) {
            compact(sessions, true);
            if (feeds.sweepPinned() > pinnedLimitBytes) {
                compact(sessions, false);
                feeds.sweepPinned();
            }
        }
        lookAgainBytes = Math.max(pinnedLimitBytes, feeds.pinnedBytes() + pinnedLimitBytes / LOOK_AGAIN_PART);
    }

    private void compact(Sessions sessions, boolean onlyStuck) {
        for (int i = sessions.count() - 1; i >= 0; i--) {
            Session session = sessions.at(i);
            if (!onlyStuck || !session.hasRoom()) {
                compactedCount += session.compact() ? 1 : 0;
            }
        }
    }

    private void enforceOutbound(Sessions sessions) {
        long outboundBytes = sessions.outboundLength();
        seenOutboundBytes = outboundBytes;
        if (outboundBytes <= outboundLimitBytes) {
            return;
        }
        List<Session> stuck = new ArrayList<>();
        for (int i = sessions.count() - 1; i >= 0; i--) {
            Session session = sessions.at(i);
            if (!session.hasRoom()) {
                stuck.add(session);
            }
        }
        stuck.sort(Comparator.comparingLong(
                (Session session) -> -session.connection().outboundLength()));
        for (Session session : stuck) {
            if (outboundBytes <= outboundLimitBytes) {
                return;
            }
            outboundBytes -= session.connection().outboundLength();
            session.closeSlow();
        }
    }

    /** Bytes in all outbound queues when it looked last. */
    long outboundBytes() {
        return seenOutboundBytes;
    }

    /** Connections whose remainder was copied, counted each time. */
    public long compactedCount() {
        return compactedCount;
    }
}
