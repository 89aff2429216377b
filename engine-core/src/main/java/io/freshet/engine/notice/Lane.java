package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.engine.notice.Sighting.Sight;
import io.freshet.protocol.v1.Notice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The notices on their way to one inbox, in the order in which they must get there. Belongs to the notifier's thread. */
final class Lane {
    /** Notices that are handed on together. */
    static final int GROUP_COUNT = 64;

    /** One notice on its way; null for the sighting of what may be told anyhow. */
    private record Item(
            Notice notice, Round round, @Nullable Sighting sighting) {
        Sight sight() {
            return sighting == null ? Sight.SEEN : sighting.sight();
        }
    }

    final long user;
    final Backoff backoff = new Backoff();
    private final ArrayDeque<Item> waiting = new ArrayDeque<>();
    boolean isPublishing;
    /** Since when none of those that wait has got on. */
    long stuckSinceNs;

    Lane(long user, long nowNs) {
        this.user = user;
        stuckSinceNs = nowNs;
        backoff.reset(nowNs);
    }

    /** @param sighting whether the user may see its channel; null for what it is told anyhow */
    void add(Notice notice, Round round, @Nullable Sighting sighting) {
        round.openCount++;
        waiting.addLast(new Item(notice, round, sighting));
    }

    int count() {
        return waiting.size();
    }

    /** Removes those in front that are not to be seen; returns how many. */
    int dropUnseen(Counters<NoticeCounter> counters) {
        int count = 0;
        while (!waiting.isEmpty() && isOver(waiting.getFirst().sight())) {
            boolean isUnseen = waiting.getFirst().sight() == Sight.UNSEEN;
            counters.add(isUnseen ? NoticeCounter.UNSEEN : NoticeCounter.DROPPED, 1);
            removeFirst();
            count++;
        }
        return count;
    }

    private static boolean isOver(Sight sight) {
        return sight == Sight.UNSEEN || sight == Sight.GIVEN_UP;
    }

    /** The first of those that wait, as far as it is known that they may be seen; they stay. */
    List<Notice> group() {
        List<Notice> group = new ArrayList<>();
        for (Item item : waiting) {
            if (group.size() == GROUP_COUNT || item.sight() != Sight.SEEN) {
                break;
            }
            group.add(item.notice);
        }
        return group;
    }

    /** The first so many are dealt with. */
    void remove(int count) {
        for (int i = 0; i < count; i++) {
            removeFirst();
        }
    }

    private void removeFirst() {
        waiting.removeFirst().round.openCount--;
    }
}
