package io.freshet.engine.presence;

import io.freshet.protocol.v1.PresenceCounts;
import io.freshet.protocol.v1.PresenceMember;
import io.freshet.protocol.v1.PresenceUpdate;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A part of a group's member list and its counts, as those who look at it were told last. All of them are told the same. One thread. */
final class GroupWindow {
    private final PresenceGroup group;
    private final Place place;
    private final Set<GroupWatch> watches = new LinkedHashSet<>();
    private Map<Long, PresenceMember> told;
    private PresenceCounts toldCounts;

    /** Which part. */
    record Place(int first, int count) {}

    GroupWindow(PresenceGroup group, Place place) {
        this.group = group;
        this.place = place;
        told = members();
        toldCounts = group.counts();
    }

    Place place() {
        return place;
    }

    /** Those who look at it. */
    Set<GroupWatch> watches() {
        return watches;
    }

    private Map<Long, PresenceMember> members() {
        Map<Long, PresenceMember> members = new LinkedHashMap<>();
        for (PresenceUser user : group.members().window(place.first(), place.count())) {
            members.put(user.id(), user.member());
        }
        return members;
    }

    /** What has changed since it was asked last; null when nothing has. From now on it counts as told. */
    @Nullable
    PresenceUpdate advance() {
        Map<Long, PresenceMember> now = members();
        PresenceCounts counts = group.counts();
        PresenceUpdate.Builder update = PresenceUpdate.newBuilder().setGroup(group.name());
        for (Long before : told.keySet()) {
            if (!now.containsKey(before)) {
                update.addLeft(before);
            }
        }
        now.forEach((user, member) -> {
            if (!member.equals(told.get(user))) {
                update.addMembers(member);
            }
        });
        boolean isCounted = !counts.equals(toldCounts);
        if (isCounted) {
            update.setCounts(counts);
        }
        told = now;
        toldCounts = counts;
        return isCounted || update.getLeftCount() > 0 || update.getMembersCount() > 0 ? update.build() : null;
    }

    /** Everything as it was told last. */
    PresenceUpdate.Builder full() {
        return PresenceUpdate.newBuilder()
                .setGroup(group.name())
                .setFull(true)
                .setCounts(toldCounts)
                .addAllMembers(told.values());
    }
}
