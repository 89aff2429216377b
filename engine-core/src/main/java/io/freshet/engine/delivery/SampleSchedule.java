package io.freshet.engine.delivery;

import io.freshet.engine.mailbox.CycleClock;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * The groups of sampled subscriptions of one reactor that have something to deliver, by the time when they may. A group that
 * has nothing new is not in it. Owned by the reactor's thread.
 */
final class SampleSchedule {
    private final PriorityQueue<SampleGroup> due = new PriorityQueue<>(Comparator.comparingLong(SampleGroup::dueNs));
    private final CycleClock clock;

    SampleSchedule(CycleClock clock) {
        this.clock = clock;
    }

    /** A group has something to deliver: as soon as its rate allows. */
    void add(SampleGroup group, long notBeforeNs) {
        group.dueNs(Math.max(clock.nowNs(), notBeforeNs));
        due.add(group);
    }

    /** Has the groups deliver whose time has come; returns how many. */
    int run() {
        int count = 0;
        for (SampleGroup first = due.peek(); first != null && clock.nowNs() - first.dueNs() >= 0; first = due.peek()) {
            due.remove();
            first.sample(clock.nowNs());
            count++;
        }
        return count;
    }

    /** When the next group delivers, or {@code otherwiseNs} when that is sooner. */
    long nextNs(long otherwiseNs) {
        SampleGroup first = due.peek();
        return first == null ? otherwiseNs : Math.min(otherwiseNs, first.dueNs());
    }
}
