package io.freshet.engine.presence;

import io.freshet.engine.channel.ReservedNames;
import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.v1.PresenceCounts;
import io.freshet.protocol.v1.PresenceState;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who is in a group, who looks at it, and what those were not told yet. One thread. */
final class PresenceGroup {
    private final String name;
    private final MemberList members = new MemberList();
    private final int[] counts = new int[PresenceState.PRESENCE_STATE_DO_NOT_DISTURB_VALUE + 1];
    private final Map<GroupWindow.Place, GroupWindow> windows = new LinkedHashMap<>();
    private final Map<Long, Set<GroupWatch>> watchesOfUsers = new HashMap<>();
    private final Set<Long> changedUsers = new LinkedHashSet<>();
    private final Set<GroupWatch> behind = new LinkedHashSet<>();
    private final Set<GroupWatch> curious = new LinkedHashSet<>();
    private int userCount;
    private int watchCount;
    private int undeliveredCount;
    private long dueNs = Long.MIN_VALUE;

    PresenceGroup(String name) {
        this.name = name;
    }

    /** Whether the right to it is that of the channel of this name, or of any when that is null: its own, or a thread's parent. */
    boolean isOf(@Nullable String which, long channel) {
        return which == null
                || which.equals(name)
                || (channel != ChannelDirectory.NO_CHANNEL && channel == ReservedNames.parentOf(name));
    }

    String name() {
        return name;
    }

    /** Those who are to be seen. */
    MemberList members() {
        return members;
    }

    PresenceCounts counts() {
        return PresenceCounts.newBuilder()
                .setActive(counts[PresenceState.PRESENCE_STATE_ACTIVE_VALUE])
                .setIdle(counts[PresenceState.PRESENCE_STATE_IDLE_VALUE])
                .setDoNotDisturb(counts[PresenceState.PRESENCE_STATE_DO_NOT_DISTURB_VALUE])
                .build();
    }

    /** A user is in it. */
    void enter(PresenceUser user) {
        userCount++;
        changed(user, PresenceState.PRESENCE_STATE_OFFLINE, user.state());
    }

    /** A user is not in it any more. */
    void leave(PresenceUser user) {
        userCount--;
        changed(user, user.state(), PresenceState.PRESENCE_STATE_OFFLINE);
    }

    /** One of its users looks otherwise than before; of one who was not to be seen and is not nobody hears. */
    void changed(PresenceUser user, PresenceState before, PresenceState after) {
        boolean wasVisible = before != PresenceState.PRESENCE_STATE_OFFLINE;
        boolean isVisible = after != PresenceState.PRESENCE_STATE_OFFLINE;
        if (!wasVisible && !isVisible) {
            return;
        }
        counts[before.getNumber()] -= wasVisible ? 1 : 0;
        counts[after.getNumber()] += isVisible ? 1 : 0;
        if (wasVisible && !isVisible) {
            members.remove(user);
        } else if (!wasVisible && isVisible) {
            members.add(user);
        }
        if (watchesOfUsers.containsKey(user.id())) {
            changedUsers.add(user.id());
        }
    }

    /** Begins to tell a session of a part of it. */
    GroupWatch watch(PresenceSession session, GroupWindow.Place place, Set<Long> users) {
        GroupWindow window = windows.computeIfAbsent(place, wanted -> new GroupWindow(this, wanted));
        GroupWatch watch = new GroupWatch(session, window, users);
        window.watches().add(watch);
        for (Long user : users) {
            watchesOfUsers.computeIfAbsent(user, any -> new LinkedHashSet<>()).add(watch);
        }
        watchCount++;
        return watch;
    }

    void unwatch(GroupWatch watch) {
        watch.end();
        watchCount--;
        behind.remove(watch);
        curious.remove(watch);
        GroupWindow window = watch.window();
        window.watches().remove(watch);
        if (window.watches().isEmpty()) {
            windows.remove(window.place());
        }
        for (Long user : watch.users()) {
            Set<GroupWatch> watches = watchesOfUsers.get(user);
            if (watches != null && watches.remove(watch) && watches.isEmpty()) {
                watchesOfUsers.remove(user);
                changedUsers.remove(user);
            }
        }
    }

    Iterable<GroupWindow> windows() {
        return windows.values();
    }

    /** Those who are to be told of single users, the changes until now included. */
    Set<GroupWatch> curious() {
        for (Long user : changedUsers) {
            for (GroupWatch watch : watchesOfUsers.getOrDefault(user, Set.of())) {
                watch.untold().add(user);
                curious.add(watch);
            }
        }
        changedUsers.clear();
        return curious;
    }

    /** Somebody is still to be told of single users. */
    void curious(GroupWatch watch) {
        curious.add(watch);
    }

    /** Those who did not take something. */
    Set<GroupWatch> behind() {
        return behind;
    }

    int watchCount() {
        return watchCount;
    }

    /** When those who look may be told again. */
    long dueNs() {
        return dueNs;
    }

    void due(long atNs) {
        dueNs = atNs;
    }

    /** What is on its way to those who look. */
    int undeliveredCount() {
        return undeliveredCount;
    }

    void undelivered(int difference) {
        undeliveredCount += difference;
    }

    /** Whether nobody is in it and nobody looks. */
    boolean isEmpty() {
        return userCount == 0 && watchCount == 0;
    }
}
