package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.engine.notice.Sighting.Sight;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;
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

    private final Audience audience;
    private final Queue<Runnable> answers;
    private final NanoClock clock;
    private final Counters<NoticeCounter> counters;
    private final Map<Question, Sighting> asked = new HashMap<>();
    private final PriorityQueue<Sighting> waiting = new PriorityQueue<>(
            Comparator.<Sighting>comparingLong(each -> each.backoff.dueNs).thenComparingLong(each -> each.order));
    private long askedCount;
    private int underWay;
    private boolean isSlow;
    private final Set<Long> slowAuthors = new HashSet<>();

    /** @param answers of any thread, run on the notifier's */
    Sightings(Audience audience, Queue<Runnable> answers, NanoClock clock, Counters<NoticeCounter> counters) {
        this.audience = audience;
        this.answers = answers;
        this.clock = clock;
        this.counters = counters;
    }

    /** What is known of whether a user may see a channel, now or later. */
    Sighting ask(long user, String channel) {
        return asked.computeIfAbsent(new Question(user, channel), question -> {
            Sighting sighting = new Sighting(user, channel, clock.nanoTime(), askedCount++);
            waiting.add(sighting);
            return sighting;
        });
    }

    /** Whether somebody has waited in vain for long in this round. */
    boolean isSlow() {
        return isSlow;
    }

    /** Nothing was answered for long. */
    void foundSlow() {
        isSlow = true;
    }

    /** Whether nobody said in time, in this round, who has a role that this author mentions. */
    boolean isSlow(long author) {
        return slowAuthors.contains(author);
    }

    /** So it was. */
    void foundSlow(long author) {
        slowAuthors.add(author);
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

    private void ask(Sighting known) {
        underWay++;
        CompletionStage<Boolean> answer;
        try {
            answer = audience.maySee(known.user, known.channel);
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

    /** Asks once who has a role; the answer comes on the notifier's thread, null when there is none. */
    void askRole(long role, long author, String channel, Consumer<@Nullable List<Long>> answer) {
        CompletionStage<List<Long>> members;
        try {
            members = audience.roleMembers(role, author, channel);
        } catch (RuntimeException e) {
            members = CompletableFuture.failedFuture(e);
        }
        CompletionStage<?> unused = members.whenComplete((users, failure) -> answers.add(() -> {
            counters.add(NoticeCounter.ASKED_AGAIN, failure == null ? 0 : 1);
            answer.accept(failure == null ? users : null);
        }));
    }

    private void onAnswer(Sighting known, Sight sight) {
        underWay--;
        known.answer(sight);
    }

    private void onFailure(Sighting known, Throwable failure) {
        long nowNs = clock.nanoTime();
        if (nowNs - known.sinceNs > GIVE_UP_NS) {
            LOG.warn("it is not known whether a user may see a channel, of which that is told nothing", failure);
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
        asked.values().removeIf(known -> known.sight() != Sight.UNKNOWN);
        isSlow = false;
        slowAuthors.clear();
    }
}
