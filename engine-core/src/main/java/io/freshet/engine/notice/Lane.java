package io.freshet.engine.notice;

import io.freshet.protocol.v1.Notice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The notices on their way to one inbox, in the order in which they must get there. Belongs to the notifier's thread. */
final class Lane {
    /** Notices that are handed on together. */
    static final int GROUP_COUNT = 64;

    /** One notice on its way. */
    static final class Item {
        final Notice notice;
        /** Whether its user may see the channel; null while that is not known. */
        @Nullable
        Boolean isSeen;

        Item(Notice notice) {
            this.notice = notice;
        }
    }

    final long user;
    private final ArrayDeque<Item> waiting = new ArrayDeque<>();
    boolean isPublishing;
    /** Since when nothing was taken; 0 when that is not so. */
    long refusedSinceNs;

    long nextTryNs;

    Lane(long user) {
        this.user = user;
    }

    Item add(Notice notice) {
        Item item = new Item(notice);
        waiting.addLast(item);
        return item;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Removes those in front that are not to be seen; returns how many. */
    int dropUnseen() {
        int count = 0;
        while (!waiting.isEmpty() && Boolean.FALSE.equals(waiting.getFirst().isSeen)) {
            waiting.removeFirst();
            count++;
        }
        return count;
    }

    /** The first of those that wait, as far as it is known that they may be seen; they stay. */
    List<Notice> group() {
        List<Notice> group = new ArrayList<>();
        for (Item item : waiting) {
            if (group.size() == GROUP_COUNT || !Boolean.TRUE.equals(item.isSeen)) {
                break;
            }
            group.add(item.notice);
        }
        return group;
    }

    /** The first so many are dealt with. */
    void remove(int count) {
        for (int i = 0; i < count; i++) {
            waiting.removeFirst();
        }
    }
}
