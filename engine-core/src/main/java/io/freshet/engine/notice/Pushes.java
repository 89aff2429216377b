package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.protocol.v1.Notice;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives notices to the sinks, whoever wrote them, when their users have not read the posts within a stated time, and may be disturbed then. Belongs to the notifier's thread.
 */
final class Pushes {
    private static final Logger LOG = LoggerFactory.getLogger(Pushes.class);

    /** Notices that wait; a further one is not handed on. */
    static final int CAPACITY = 1 << 16;

    private static final int PER_CYCLE = 256;
    private static final int REASON_PREFIX_LENGTH = "REASON_".length();

    private record Waiting(long user, long sequence, Notice notice, long dueNs) {}

    private final List<NotificationSink> sinks;
    private final long unreadForNs;
    private final InboxReader inboxes;
    private final LongPredicate isUndisturbed;
    private final Counters<NoticeCounter> counters;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean isFailureLogged;

    /** @param isUndisturbed whether a user wants no sink to be told at present */
    Pushes(
            List<NotificationSink> sinks,
            long unreadForNs,
            InboxReader inboxes,
            LongPredicate isUndisturbed,
            Counters<NoticeCounter> counters) {
        this.sinks = sinks;
        this.unreadForNs = unreadForNs;
        this.inboxes = inboxes;
        this.isUndisturbed = isUndisturbed;
        this.counters = counters;
    }

    private void add(Waiting fresh) {
        if (waiting.size() == CAPACITY) {
            counters.add(NoticeCounter.PUSH_OVERFLOW, 1);
            return;
        }
        waiting.addLast(fresh);
        counters.set(NoticeCounter.PUSH_WAITING, waiting.size());
    }

    /** Takes what has come into inboxes, and hands on what nobody has read. */
    int doWork(WrittenNotices written, long nowNs) {
        int count = written.drain(
                PER_CYCLE, (user, sequence, notice) -> add(new Waiting(user, sequence, notice, nowNs + unreadForNs)));
        counters.add(NoticeCounter.PUSH_OVERFLOW, written.takeLostCount());
        return count + deliver(nowNs);
    }

    private int deliver(long nowNs) {
        int count = 0;
        while (count < PER_CYCLE && !waiting.isEmpty() && nowNs - waiting.getFirst().dueNs >= 0) {
            deliver(waiting.removeFirst());
            count++;
        }
        if (count > 0) {
            counters.set(NoticeCounter.PUSH_WAITING, waiting.size());
        }
        return count;
    }

    private void deliver(Waiting due) {
        Notice notice = due.notice;
        boolean isOfRecord = notice.getSequence() != 0;
        if (isOfRecord && inboxes.readUpTo(due.user, notice.getChannel()) >= notice.getSequence()) {
            counters.add(NoticeCounter.PUSH_READ, 1);
            return;
        }
        if (isUndisturbed.test(due.user)) {
            counters.add(NoticeCounter.PUSH_UNDISTURBED, 1);
            return;
        }
        String reason =
                notice.getReason().name().substring(REASON_PREFIX_LENGTH).toLowerCase(Locale.ROOT);
        Notification notification = new Notification(
                notice.getChannel() + "-" + (isOfRecord ? notice.getSequence() : "in" + due.sequence) + "-"
                        + Long.toUnsignedString(due.user),
                due.user,
                reason,
                notice.getChannelName(),
                notice.getSequence(),
                notice.getAuthor(),
                notice.getPostedUs());
        counters.add(NoticeCounter.PUSHED, 1);
        for (NotificationSink sink : sinks) {
            try {
                sink.deliver(notification);
            } catch (RuntimeException e) {
                onFailure(e);
            }
        }
    }

    private void onFailure(RuntimeException failure) {
        counters.add(NoticeCounter.PUSH_FAILED, 1);
        if (!isFailureLogged) {
            isFailureLogged = true;
            LOG.warn("a notification sink threw; that is counted, and not logged again", failure);
        }
    }
}
