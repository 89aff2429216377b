package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.protocol.PostPlace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses who hears of one post without being named. Belongs to the notifier's thread. */
final class CrowdChoice {
    private final EveryoneChoice everyone;
    private final RoleChoice roles;

    CrowdChoice(
            InboxReader inboxes,
            Sightings sightings,
            StoredPost post,
            PostPlace place,
            Counters<NoticeCounter> counters,
            long nowNs) {
        everyone = new EveryoneChoice(inboxes, sightings, post, place, counters);
        roles = new RoleChoice(sightings, post, place, counters, nowNs);
    }

    /** Who was chosen; null as long as answers are waited for. */
    @Nullable
    Crowd chosen(long nowNs) {
        List<Long> ofRoles = roles.chosen(nowNs);
        List<Long> ofEveryone = ofRoles == null ? null : everyone.chosen(nowNs);
        return ofRoles == null || ofEveryone == null ? null : new Crowd(ofEveryone, ofRoles);
    }
}
