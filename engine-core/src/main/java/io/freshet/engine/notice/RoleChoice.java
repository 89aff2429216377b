package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.protocol.PostPlace;
import io.freshet.protocol.v1.Mention;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses who hears of one post because it names roles: those whom the audience names for the first {@value #ROLE_LIMIT} roles, role by role, {@value #LIMIT} at most. What it cannot say is asked again
 * for as long as {@link EveryoneChoice#PATIENCE_NS}, and then given up, at once when a post of the same author was waited for in vain in this round. Belongs to the notifier's thread.
 */
final class RoleChoice {
    private static final Logger LOG = LoggerFactory.getLogger(RoleChoice.class);

    static final int LIMIT = 1_000;

    static final int ROLE_LIMIT = 20;

    private final Sightings sightings;
    private final StoredPost post;
    private final PostPlace place;
    private final Counters<NoticeCounter> counters;
    private final List<Question> questions;
    private final long sinceNs;
    private @Nullable List<Long> chosen;

    /** Who has one role. */
    private static final class Question {
        final long role;
        final Backoff backoff = new Backoff();
        boolean isUnderWay;

        @Nullable
        List<Long> members;

        Question(long role) {
            this.role = role;
        }
    }

    RoleChoice(Sightings sightings, StoredPost post, PostPlace place, Counters<NoticeCounter> counters, long nowNs) {
        this.sightings = sightings;
        this.post = post;
        this.place = place;
        this.counters = counters;
        sinceNs = nowNs;
        questions = post.content().getMentionsList().stream()
                .filter(Mention::hasRole)
                .map(Mention::getRole)
                .distinct()
                .limit(ROLE_LIMIT)
                .map(Question::new)
                .toList();
        questions.forEach(question -> question.backoff.reset(nowNs));
    }

    /** Whom was chosen; null as long as answers are waited for. */
    @Nullable
    List<Long> chosen(long nowNs) {
        if (chosen == null && !isWaiting(nowNs)) {
            chosen = choose();
        }
        return chosen;
    }

    private boolean isWaiting(long nowNs) {
        int unknownCount = 0;
        for (Question question : questions) {
            if (question.members == null) {
                ask(question, nowNs);
                unknownCount++;
            }
        }
        if (unknownCount == 0) {
            return false;
        }
        if (!sightings.isSlow(post.author()) && nowNs - sinceNs <= EveryoneChoice.PATIENCE_NS) {
            return true;
        }
        sightings.foundSlow(post.author());
        counters.add(NoticeCounter.ROLES_GIVEN_UP, unknownCount);
        LOG.warn("it is not known who has {} roles that a post names, and nobody is told for these", unknownCount);
        return false;
    }

    private void ask(Question question, long nowNs) {
        if (question.isUnderWay || !question.backoff.isDue(nowNs)) {
            return;
        }
        question.isUnderWay = true;
        sightings.askRole(question.role, post.author(), place.name(), members -> {
            question.isUnderWay = false;
            question.members = members;
            question.backoff.postpone(nowNs);
        });
    }

    private List<Long> choose() {
        Set<Long> all = new LinkedHashSet<>();
        for (Question question : questions) {
            if (question.members != null) {
                all.addAll(question.members);
            }
        }
        all.remove(post.author());
        counters.add(NoticeCounter.BEYOND_EVERYONE, Math.max(0, all.size() - LIMIT));
        return new ArrayList<>(all).subList(0, Math.min(LIMIT, all.size()));
    }
}
