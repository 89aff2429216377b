package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.engine.notice.Lane.Sight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks whether users may see channels, each question once a round and only so many at a time; what cannot be answered is asked again, more and
 * more seldom. Belongs to the notifier's thread; answers come from any.
 */
final class Sightings {
    private static final Logger LOG = LoggerFactory.getLogger(Sightings.class);

    /** Questions under way. */
    private static final int ASKED_COUNT = 64;

    /** A question that nobody has answered for this long is not asked any more, and its notices are given up. */
    static final long GIVE_UP_NS = TimeUnit.MINUTES.toNanos(10);

    private record Question(long user, String channel) {}

    private static final class Asked {
        final Question question;
        final List<Lane.Item> items = new ArrayList<>();
        final long sinceNs;
        final long order;
        final Backoff backoff = new Backoff();
        Sight answer = Sight.UNKNOWN;

        Asked(Question question, long nowNs, long order) {
            this.question = question;
            this.order = order;
            sinceNs = nowNs;
            backoff.dueNs = nowNs;
        }
    }

    private final Audience audience;
    private final Queue<Runnable> answers;
    private final NanoClock clock;
    private final Counters<NoticeCounter> counters;
    private final Map<Question, Asked> asked = new HashMap<>();
    private final PriorityQueue<Asked> waiting = new PriorityQueue<>(
            Comparator.<Asked>comparingLong(each -> each.backoff.dueNs).thenComparingLong(each -> each.order));
    private long askedCount;
    private int underWay;

    /** @param answers of any thread, run on the notifier's */
    Sightings(Audience audience, Queue<Runnable> answers, NanoClock clock, Counters<NoticeCounter> counters) {
        this.audience = audience;
        this.answers = answers;
        this.clock = clock;
        this.counters = counters;
    }

    /** Has the item told whether its user may see its channel, now or later. */
    void ask(long user, Lane.Item item) {
        Question question = new Question(user, item.notice.getChannelName());
        Asked known = asked.get(question);
        if (known == null) {
            known = new Asked(question, clock.nanoTime(), askedCount++);
            asked.put(question, known);
            waiting.add(known);
        }
        if (known.answer == Sight.UNKNOWN) {
            known.items.add(item);
        } else {
            item.sight = known.answer;
        }
    }

    /** Asks what may be asked now; returns how many that were. */
    int doWork() {
        int count = 0;
        long nowNs = clock.nanoTime();
        while (underWay < ASKED_COUNT
                && !waiting.isEmpty()
                && waiting.peek().backoff.isDue(nowNs)) {
            ask(waiting.remove());
            count++;
        }
        return count;
    }

    private void ask(Asked known) {
        underWay++;
        CompletionStage<Boolean> answer;
        try {
            answer = audience.maySee(known.question.user, known.question.channel);
        } catch (RuntimeException e) {
            onFailure(known, e);
            return;
        }
        CompletionStage<Boolean> unused = answer.whenComplete((isSeen, failure) -> answers.add(() -> {
            if (failure == null) {
                onAnswer(known, Boolean.TRUE.equals(isSeen) ? Sight.SEEN : Sight.UNSEEN);
            } else {
                onFailure(known, failure);
            }
        }));
    }

    private void onAnswer(Asked known, Sight sight) {
        underWay--;
        known.answer = sight;
        known.items.forEach(item -> item.sight = sight);
        known.items.clear();
    }

    private void onFailure(Asked known, Throwable failure) {
        long nowNs = clock.nanoTime();
        if (nowNs - known.sinceNs > GIVE_UP_NS) {
            counters.add(NoticeCounter.DROPPED, known.items.size());
            LOG.warn(
                    "{} notices were given up, since it is not known whether their user may see the channel",
                    known.items.size(),
                    failure);
            onAnswer(known, Sight.GIVEN_UP);
            return;
        }
        underWay--;
        counters.add(NoticeCounter.ASKED_AGAIN, 1);
        known.backoff.postpone(nowNs);
        waiting.add(known);
    }

    /** A round begins: what was answered may be otherwise in it. */
    void clear() {
        asked.values().removeIf(known -> known.answer != Sight.UNKNOWN);
    }
}
