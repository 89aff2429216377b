package io.freshet.engine.presence;

import io.freshet.engine.service.Pushed;
import io.freshet.protocol.v1.PresenceMember;
import io.freshet.protocol.v1.PresenceMode;
import io.freshet.protocol.v1.PresenceState;
import io.freshet.protocol.v1.PresenceUpdate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who is there, in which groups, and who looks: all of presence but its way to clients. One thread; time is given.
 *
 * <p>A session that ends counts for a while as if it were there, so that whoever reconnects was never seen to go. What changes is told to those who look
 * once in a while, as the difference to what they were told before: the same bytes to all who look at one part of a list. The more look at a group, the longer the while,
 * so that a group costs so many pushes a second at most, however many its members and whatever they do.
 */
final class PresenceBoard {
    /** Sessions of one user that have ended and are waited for; the one that ended first gives way. */
    private static final int ENDED_PER_USER = 4;

    /** Users of one update: with their statuses they fit a push. */
    private static final int USERS_PER_UPDATE = 256;

    /** Each who looks at a group lengthens the time between two updates by so much: 5,000 pushes a second for a group. */
    private static final long INTERVAL_PER_WATCH_NS = TimeUnit.MICROSECONDS.toNanos(200);

    private final long graceNs;
    private final long intervalNs;
    private final Map<Long, PresenceUser> users = new HashMap<>();
    private final Map<String, PresenceGroup> groups = new HashMap<>();
    /** Sessions that have ended, in that order. */
    private final Set<PresenceSession> endings = new LinkedHashSet<>();

    private final Set<PresenceGroup> changed = new LinkedHashSet<>();
    /** Users that are not to be disturbed; any thread may look. */
    private final Set<Long> undisturbed = ConcurrentHashMap.newKeySet();

    private final ArrayDeque<Delivery> deliveries = new ArrayDeque<>();
    private final EndNotices endNotices;
    private int watchedUserCount;
    private long updateCount;

    private record Delivery(PresenceGroup group, GroupWatch watch, Pushed update) {}

    /**
     * @param graceNs how long a session that has ended counts as there
     * @param intervalNs between two updates of a group that few look at
     */
    PresenceBoard(long graceNs, long intervalNs) {
        this.graceNs = graceNs;
        this.intervalNs = intervalNs;
        endNotices = new EndNotices(intervalNs);
    }

    /** A session begins. When it is the user's only one, and another ended just before, it goes on as that one. */
    PresenceSession begin(long id, String name, PresenceSession.Receiver receiver) {
        PresenceUser user = users.computeIfAbsent(id, any -> new PresenceUser(id, name));
        boolean isBack = user.present().isEmpty() && !user.ended().isEmpty();
        boolean isIdle = isBack && user.ended().getLast().isIdle();
        PresenceSession session = new PresenceSession(user, isIdle, receiver);
        change(user, () -> user.add(session));
        return session;
    }

    /** A session has ended. Idempotent. */
    void end(PresenceSession session, long nowNs) {
        if (session.isEnded()) {
            return;
        }
        PresenceUser user = session.user();
        for (PresenceGroup group : List.copyOf(session.watches().keySet())) {
            unwatch(session, group.name());
        }
        endNotices.forget(session);
        session.end(nowNs);
        change(user, () -> user.end(session));
        endings.add(session);
        if (user.ended().size() > ENDED_PER_USER) {
            forget(user.ended().getFirst());
        }
    }

    /** The time of a session that has ended is over. */
    private void forget(PresenceSession session) {
        PresenceUser user = session.user();
        endings.remove(session);
        user.ended().remove(session);
        session.groups().forEach(group -> leave(user, group));
        session.groups().clear();
        if (user.isGone()) {
            users.remove(user.id());
            undisturbed.remove(user.id());
        }
    }

    void idle(PresenceSession session, boolean isIdle) {
        change(session.user(), () -> session.user().idle(session, isIdle));
    }

    void mode(PresenceUser user, PresenceMode mode) {
        change(user, () -> user.mode(mode));
        if (mode == PresenceMode.PRESENCE_MODE_DO_NOT_DISTURB) {
            undisturbed.add(user.id());
        } else {
            undisturbed.remove(user.id());
        }
    }

    /** Whether a user is there, or was lately, and is not to be disturbed. Any thread. */
    boolean isUndisturbed(long user) {
        return undisturbed.contains(user);
    }

    void status(PresenceUser user, String status) {
        change(user, () -> user.status(status));
    }

    private void change(PresenceUser user, Runnable how) {
        PresenceState before = user.state();
        String statusBefore = user.status();
        how.run();
        if (before != user.state() || !statusBefore.equals(user.status())) {
            for (PresenceGroup group : user.groups()) {
                group.changed(user, before, user.state());
                changed.add(group);
            }
        }
    }

    /** The session is in these groups and no others. Where a user leaves, no session of it that has ended stays in its place. */
    void enter(PresenceSession session, Set<String> names) {
        for (PresenceGroup group : List.copyOf(session.groups())) {
            if (!names.contains(group.name())) {
                session.groups().remove(group);
                leave(session.user(), group);
                for (PresenceSession ended : session.user().ended()) {
                    if (ended.groups().remove(group)) {
                        leave(session.user(), group);
                    }
                }
            }
        }
        for (String name : names) {
            PresenceGroup group = group(name);
            if (session.groups().add(group) && session.user().enter(group)) {
                group.enter(session.user());
                changed.add(group);
            }
        }
    }

    private PresenceGroup group(String name) {
        return groups.computeIfAbsent(name, PresenceGroup::new);
    }

    private void leave(PresenceUser user, PresenceGroup group) {
        if (user.leave(group)) {
            group.leave(user);
            changed.add(group);
            forgetIfEmpty(group);
        }
    }

    private void forgetIfEmpty(PresenceGroup group) {
        if (group.isEmpty()) {
            groups.remove(group.name());
            changed.remove(group);
        }
    }

    /** Begins to tell a session of a group, instead of what it was told of it before; returns how it is, and what does not fit follows. */
    PresenceUpdate watch(PresenceSession session, String name, int first, int count, Set<Long> wanted) {
        unwatch(session, name);
        PresenceGroup group = group(name);
        GroupWatch watch = group.watch(session, new GroupWindow.Place(first, count), wanted);
        session.watches().put(group, watch);
        watchedUserCount += wanted.size();
        return full(group, watch);
    }

    private PresenceUpdate full(PresenceGroup group, GroupWatch watch) {
        watch.untold().clear();
        watch.untold().addAll(watch.users());
        return withUsers(watch.window().full(), group, watch);
    }

    private PresenceUpdate withUsers(PresenceUpdate.Builder update, PresenceGroup group, GroupWatch watch) {
        Iterator<Long> untold = watch.untold().iterator();
        for (int i = 0; i < USERS_PER_UPDATE && untold.hasNext(); i++) {
            update.addUsers(member(group, untold.next()));
            untold.remove();
        }
        if (!watch.untold().isEmpty()) {
            group.curious(watch);
            changed.add(group);
        }
        return update.build();
    }

    /** Its name is left out: who asks by number knows it. */
    private PresenceMember member(PresenceGroup group, long id) {
        PresenceUser user = users.get(id);
        return user != null && user.groups().contains(group)
                ? user.member().toBuilder().clearName().build()
                : PresenceUser.offline(id);
    }

    /** Tells a session nothing more of a group. */
    void unwatch(PresenceSession session, String name) {
        session.untoldEnds().remove(name);
        PresenceGroup group = groups.get(name);
        GroupWatch watch = group == null ? null : session.watches().remove(group);
        if (group != null && watch != null) {
            watchedUserCount -= watch.users().size();
            group.unwatch(watch);
            forgetIfEmpty(group);
        }
    }

    /**
     * A user may not know of a group any more, or of any when it is null: is in it no more, and is told so instead of what happens there.
     * Nor of the threads of the channel whose group it is.
     */
    void revoke(long id, @Nullable String name, long channel) {
        PresenceUser user = users.get(id);
        if (user == null) {
            return;
        }
        List<PresenceSession> sessions = new ArrayList<>(user.present());
        sessions.addAll(user.ended());
        for (PresenceSession session : sessions) {
            for (PresenceGroup group : List.copyOf(session.watches().keySet())) {
                if (group.isOf(name, channel)) {
                    unwatch(session, group.name());
                    endNotices.add(session, group.name());
                }
            }
            for (PresenceGroup group : List.copyOf(session.groups())) {
                if (group.isOf(name, channel)) {
                    session.groups().remove(group);
                    leave(user, group);
                }
            }
        }
    }

    /** Forgets whose time is over, and prepares what is to be told now. */
    void tick(long nowNs) {
        endNotices.tell(nowNs);
        while (!endings.isEmpty()) {
            PresenceSession first = endings.iterator().next();
            if (nowNs - first.endNs() < graceNs) {
                break;
            }
            forget(first);
        }
        for (PresenceGroup group : List.copyOf(changed)) {
            if (group.undeliveredCount() == 0 && (group.dueNs() == Long.MIN_VALUE || nowNs - group.dueNs() >= 0)) {
                changed.remove(group);
                group.due(nowNs + Math.max(intervalNs, group.watchCount() * INTERVAL_PER_WATCH_NS));
                prepare(group);
            }
        }
    }

    private void prepare(PresenceGroup group) {
        for (GroupWindow window : group.windows()) {
            PresenceUpdate update = window.advance();
            if (update != null) {
                Pushed pushed = Pushed.of(update);
                for (GroupWatch watch : window.watches()) {
                    add(group, watch, pushed);
                }
            }
        }
        for (GroupWatch watch : List.copyOf(group.curious())) {
            group.curious().remove(watch);
            PresenceUpdate.Builder update = PresenceUpdate.newBuilder().setGroup(group.name());
            add(group, watch, Pushed.of(withUsers(update, group, watch)));
        }
        List<GroupWatch> behind = List.copyOf(group.behind());
        group.behind().clear();
        for (GroupWatch watch : behind) {
            add(group, watch, Pushed.of(full(group, watch)));
        }
    }

    /** Whoever is behind is told everything instead. */
    private void add(PresenceGroup group, GroupWatch watch, Pushed update) {
        if (!group.behind().contains(watch)) {
            deliveries.addLast(new Delivery(group, watch, update));
            group.undelivered(1);
        }
    }

    /** Sends so many of the updates that are prepared; returns how many. Who does not take one is told everything later. */
    int deliver(int limit) {
        int count = 0;
        Delivery next;
        while (count < limit && (next = deliveries.poll()) != null) {
            next.group.undelivered(-1);
            if (next.watch.isOver() || next.group.behind().contains(next.watch)) {
                continue;
            }
            count++;
            if (next.watch.session().receiver().push(next.update)) {
                updateCount++;
            } else {
                next.group.behind().add(next.watch);
                changed.add(next.group);
            }
        }
        return count;
    }

    /** Sessions that are still to hear that they are told nothing more of a group. */
    int endNoticeCount() {
        return endNotices.waitingCount();
    }

    /** Users that are there, or were lately. */
    int userCount() {
        return users.size();
    }

    /** Groups that somebody is in, or looks at. */
    int groupCount() {
        return groups.size();
    }

    /** Users that are looked at by their numbers, each as often as it is. */
    int watchedUserCount() {
        return watchedUserCount;
    }

    /** Updates that were sent, since the start. */
    long updateCount() {
        return updateCount;
    }
}
