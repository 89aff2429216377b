package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.protocol.PostPlace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;

/**
 * Chooses who hears of one post because it names everyone: of the channel's users who may see it those who have read it the furthest, {@value #LIMIT} at most; in a thread those of the thread first, and then
 * those of the channel that it belongs to. It asks of so many
 * at a time, until there are enough or it has asked of {@value #ASKED_LIMIT}: so marks of people who may not see the channel take nobody's place. Who may see it and
 * stays unknown while nothing is answered, or was unknown before in this round, counts as one who may. Belongs to the notifier's thread.
 */
final class EveryoneChoice {
    static final int LIMIT = 1_000;

    static final int ASKED_LIMIT = 16 * LIMIT;

    /** So long the choice waits for a further answer. */
    static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

    private static final Comparator<Reader> FURTHEST_LAST = Comparator.comparing(
                    Reader::isOfParent, Comparator.reverseOrder())
            .thenComparingLong(Reader::readUpTo)
            .thenComparing(Reader::user, Comparator.reverseOrder());

    /** Somebody who has to do with the channel, or, {@code isOfParent}, with the one that it is a thread of. */
    private record Reader(long user, long readUpTo, boolean isOfParent) {}

    private record Candidate(Reader reader, Sighting sighting) {}

    private final InboxReader inboxes;
    private final Sightings sightings;
    private final StoredPost post;
    private final PostPlace place;
    private final Counters<NoticeCounter> counters;
    private final List<Long> chosen = new ArrayList<>();
    private final List<Candidate> candidates = new ArrayList<>();
    private final LongHashSet asked = new LongHashSet();
    private @Nullable Reader last;
    private long beyondCount;
    private int unknownCount;
    private long unknownSinceNs;
    private boolean isOver;

    EveryoneChoice(
            InboxReader inboxes,
            Sightings sightings,
            StoredPost post,
            PostPlace place,
            Counters<NoticeCounter> counters) {
        this.inboxes = inboxes;
        this.sightings = sightings;
        this.post = post;
        this.place = place;
        this.counters = counters;
        isOver = !post.isForEveryone();
    }

    /** Whom was chosen, who have read the furthest first; null as long as answers are waited for. */
    @Nullable
    List<Long> chosen(long nowNs) {
        while (!isOver) {
            if (candidates.isEmpty() && !hasNext()) {
                over(beyondCount);
            } else if (isWaiting(nowNs)) {
                return null;
            } else {
                choose();
            }
        }
        return chosen;
    }

    /** Asks of those who have read the furthest of those who were not asked about; false when there are none, or it has asked of enough. A mark counts no further than the channel goes. */
    private boolean hasNext() {
        if (asked.size() >= ASKED_LIMIT) {
            return false;
        }
        PriorityQueue<Reader> furthest = new PriorityQueue<>(FURTHEST_LAST);
        beyondCount = 0;
        inboxes.users(
                post.channel(),
                (user, said) -> consider(furthest, new Reader(user, Math.min(said, post.sequence()), false)));
        if (place.isThread()) {
            inboxes.users(
                    place.parent(),
                    (user, said) -> consider(furthest, new Reader(user, Math.min(said, place.parentPost()), true)));
        }
        furthest.stream()
                .sorted(FURTHEST_LAST.reversed())
                .filter(reader -> asked.add(reader.user))
                .forEach(reader -> candidates.add(new Candidate(reader, sightings.ask(reader.user, place.name()))));
        return !candidates.isEmpty();
    }

    /** Takes a reader who was not asked about among the furthest. Whoever has to do with a thread and with its channel may be beyond twice. */
    private void consider(PriorityQueue<Reader> furthest, Reader reader) {
        boolean isAsked = (last != null && FURTHEST_LAST.compare(reader, last) >= 0) || asked.contains(reader.user);
        if (!isAsked && reader.user != post.author()) {
            furthest.add(reader);
            if (furthest.size() > LIMIT) {
                furthest.remove();
                beyondCount++;
            }
        }
    }

    private boolean isWaiting(long nowNs) {
        int count = (int) candidates.stream()
                .filter(each -> each.sighting.sight() == Sighting.Sight.UNKNOWN)
                .count();
        if (count == 0 || sightings.isSlow()) {
            return false;
        }
        if (count != unknownCount) {
            unknownCount = count;
            unknownSinceNs = nowNs;
        } else if (nowNs - unknownSinceNs > PATIENCE_NS) {
            sightings.foundSlow();
            return false;
        }
        return true;
    }

    private void choose() {
        for (int i = 0; i < candidates.size() && !isOver; i++) {
            Candidate candidate = candidates.get(i);
            last = candidate.reader;
            switch (candidate.sighting.sight()) {
                case SEEN, UNKNOWN -> chosen.add(candidate.reader.user);
                case UNSEEN -> counters.add(NoticeCounter.UNSEEN, 1);
                case GIVEN_UP -> counters.add(NoticeCounter.DROPPED, 1);
            }
            if (chosen.size() == LIMIT) {
                over(beyondCount + candidates.size() - i - 1);
            }
        }
        candidates.clear();
        unknownCount = 0;
    }

    private void over(long countBeyond) {
        isOver = true;
        counters.add(NoticeCounter.BEYOND_EVERYONE, countBeyond);
    }
}
