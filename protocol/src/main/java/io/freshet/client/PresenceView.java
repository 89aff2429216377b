package io.freshet.client;

import io.freshet.protocol.v1.PresenceCounts;
import io.freshet.protocol.v1.PresenceMember;
import io.freshet.protocol.v1.PresenceUpdate;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What is known of a group: how many are there, the members in the window that was asked for, in the order of their names, and the users that were asked for. Immutable.
 *
 * @param members by the bytes of their names, then by their numbers
 * @param users by their numbers
 * @param isEnded nothing more is told: the right to know of the group was taken back
 */
public record PresenceView(
        String group,
        PresenceCounts counts,
        List<PresenceMember> members,
        Map<Long, PresenceMember> users,
        boolean isEnded) {
    private static final Comparator<PresenceMember> ORDER = Comparator.comparing(
                    (PresenceMember member) -> member.getName().getBytes(StandardCharsets.UTF_8),
                    Arrays::compareUnsigned)
            .thenComparing(PresenceMember::getUser, Long::compareUnsigned);

    public PresenceView {
        members = List.copyOf(members);
        users = Collections.unmodifiableMap(new LinkedHashMap<>(users));
    }

    /** Nothing is known yet. */
    public static PresenceView empty(String group) {
        return new PresenceView(group, PresenceCounts.getDefaultInstance(), List.of(), Map.of(), false);
    }

    /** What is known after an update of this group. */
    public PresenceView after(PresenceUpdate update) {
        PresenceView base = update.getFull() ? empty(group) : this;
        Map<Long, PresenceMember> window = new LinkedHashMap<>();
        base.members.forEach(member -> window.put(member.getUser(), member));
        update.getLeftList().forEach(window::remove);
        update.getMembersList().forEach(member -> window.put(member.getUser(), member));
        TreeSet<PresenceMember> sorted = new TreeSet<>(ORDER);
        sorted.addAll(window.values());
        Map<Long, PresenceMember> single = new LinkedHashMap<>(base.users);
        update.getUsersList().forEach(user -> single.put(user.getUser(), user));
        return new PresenceView(
                group,
                update.hasCounts() ? update.getCounts() : base.counts,
                List.copyOf(sorted),
                single,
                update.getEnded());
    }
}
