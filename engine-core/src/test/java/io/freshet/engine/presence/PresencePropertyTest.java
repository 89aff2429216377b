package io.freshet.engine.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.client.PresenceView;
import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.v1.PresenceMember;
import io.freshet.protocol.v1.PresenceMode;
import io.freshet.protocol.v1.PresenceUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whatever happens in whatever order: who was told of the changes knows the same as who asks anew, and both what a plain model says. */
class PresencePropertyTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long GRACE_NS = 3_000 * MS;
    private static final long LONG_NS = 600_000 * MS;
    private static final String[] GROUPS = {"a", "b", "c"};
    private static final int USERS = 12;
    private static final int STEPS = 400;

    /** One who looks, and what it knows. */
    private static final class Looker {
        final PresenceSession session;
        final Map<String, PresenceView> views = new HashMap<>();
        final Map<String, int[]> windows = new HashMap<>();
        final Map<String, Set<Long>> users = new HashMap<>();

        Looker(PresenceSession session) {
            this.session = session;
        }
    }

    private final PresenceBoard board = new PresenceBoard(GRACE_NS, 50 * MS);
    private final List<Looker> lookers = new ArrayList<>();
    private final List<PresenceSession> every = new ArrayList<>();
    private SplittableRandom random = new SplittableRandom(0);
    private long nowNs;
    private boolean isCalm;

    @Test
    void shouldTellTheSameByChangesAsAnew() {
        for (long seed = 1; seed <= 60; seed++) {
            try {
                new PresencePropertyTest().run(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private void run(long seed) {
        random = new SplittableRandom(seed);
        for (int step = 0; step < STEPS; step++) {
            act();
            if (random.nextInt(50) == 0) {
                settle();
            }
        }
        settle();
        lookers.forEach(looker -> board.end(looker.session, nowNs));
        nowNs += LONG_NS;
        board.tick(nowNs);
        assertEquals(0, board.userCount());
        assertEquals(0, board.groupCount());
        assertEquals(0, board.watchedUserCount());
    }

    private void act() {
        int dice = random.nextInt(100);
        if (dice < 12 || lookers.isEmpty()) {
            begin();
            return;
        }
        Looker looker = lookers.get(random.nextInt(lookers.size()));
        PresenceSession session = looker.session;
        String group = GROUPS[random.nextInt(GROUPS.length)];
        if (dice < 22) {
            lookers.remove(looker);
            board.end(session, nowNs);
        } else if (dice < 32) {
            board.idle(session, random.nextBoolean());
        } else if (dice < 38) {
            board.mode(session.user(), PresenceMode.forNumber(random.nextInt(3)));
        } else if (dice < 44) {
            board.status(session.user(), "s".repeat(random.nextInt(3)));
        } else if (dice < 56) {
            Set<String> groups = new HashSet<>();
            for (String each : GROUPS) {
                if (random.nextBoolean()) {
                    groups.add(each);
                }
            }
            board.enter(session, groups);
        } else if (dice < 68) {
            look(looker, group);
        } else if (dice < 71) {
            board.unwatch(session, group);
            looker.views.remove(group);
        } else if (dice < 73) {
            board.revoke(session.user().id(), random.nextBoolean() ? group : null, ChannelDirectory.NO_CHANNEL);
        } else {
            pass(random.nextLong(200 * MS));
        }
    }

    private void begin() {
        long id = 1L + random.nextInt(USERS);
        Looker[] made = new Looker[1];
        made[0] = new Looker(board.begin(id, "name-" + id % 5, pushed -> {
            if (!isCalm && random.nextInt(5) == 0) {
                return false;
            }
            try {
                told(made[0], PresenceUpdate.parseFrom(pushed.frame().getBody()));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
            return true;
        }));
        lookers.add(made[0]);
        every.add(made[0].session);
    }

    private static void told(Looker looker, PresenceUpdate update) {
        PresenceView view = looker.views.get(update.getGroup());
        if (view == null && update.getEnded()) {
            return; // it has stopped to look meanwhile
        }
        if (view == null) {
            throw new AssertionError("told of a group where it does not look: " + update);
        }
        looker.views.put(update.getGroup(), view.after(update));
        if (update.getEnded()) {
            looker.views.remove(update.getGroup());
        }
    }

    private void look(Looker looker, String group) {
        int[] window = {random.nextInt(6), random.nextInt(8)};
        Set<Long> users = new LinkedHashSet<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            users.add((long) random.nextInt(USERS + 2));
        }
        looker.windows.put(group, window);
        looker.users.put(group, users);
        PresenceUpdate answer = board.watch(looker.session, group, window[0], window[1], users);
        looker.views.put(group, PresenceView.empty(group).after(answer));
    }

    private void pass(long ns) {
        nowNs += ns;
        board.tick(nowNs);
        board.deliver(random.nextInt(20));
    }

    /** Everything is told; then what was told must be what is. */
    private void settle() {
        isCalm = true;
        for (int i = 0; i < 10; i++) {
            nowNs += 100 * MS;
            board.tick(nowNs);
            board.deliver(Integer.MAX_VALUE);
        }
        isCalm = false;
        for (Looker looker : List.copyOf(lookers)) {
            looker.views.forEach((group, view) -> check(looker, group, view));
        }
    }

    private void check(Looker looker, String group, PresenceView view) {
        int[] window = looker.windows.getOrDefault(group, new int[2]);
        Set<Long> users = looker.users.getOrDefault(group, Set.of());
        PresenceSession other = board.begin(1_000, "other", pushed -> true);
        PresenceView anew = PresenceView.empty(group).after(board.watch(other, group, window[0], window[1], users));
        board.end(other, nowNs - LONG_NS);
        assertEquals(anew, view);
        List<PresenceMember> visible = every.stream()
                .filter(session -> session.user().present().contains(session)
                        || session.user().ended().contains(session))
                .filter(session ->
                        session.groups().stream().anyMatch(each -> each.name().equals(group)))
                .map(PresenceSession::user)
                .distinct()
                .filter(PresenceUser::isVisible)
                .map(PresenceUser::member)
                .toList();
        PresenceView whole = PresenceView.empty(group)
                .after(PresenceUpdate.newBuilder().addAllMembers(visible).build());
        int shown = view.counts().getActive()
                + view.counts().getIdle()
                + view.counts().getDoNotDisturb();
        assertEquals(visible.size(), shown);
        int from = Math.min(window[0], visible.size());
        int to = Math.min(from + window[1], visible.size());
        assertEquals(whole.members().subList(from, to), view.members());
        for (Long user : users) {
            PresenceMember expected = visible.stream()
                    .filter(member -> member.getUser() == user)
                    .findAny()
                    .map(member -> member.toBuilder().clearName().build())
                    .orElse(PresenceUser.offline(user));
            assertEquals(expected, view.users().get(user));
        }
    }
}
