package io.freshet.engine.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.client.PresenceView;
import io.freshet.engine.service.Pushed;
import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.v1.PresenceMember;
import io.freshet.protocol.v1.PresenceMode;
import io.freshet.protocol.v1.PresenceState;
import io.freshet.protocol.v1.PresenceUpdate;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who is seen how, and who is told of it, by examples. */
class PresenceBoardTest {
    private static final long S = TimeUnit.SECONDS.toNanos(1);
    private static final long GRACE_NS = 30 * S;

    private final PresenceBoard board = new PresenceBoard(GRACE_NS, S / 2);
    private long nowNs;
    private PresenceView view = PresenceView.empty("g");
    private int toldCount;
    private boolean isReading = true;
    private PresenceSession looker = board.begin(1, "looker", this::onUpdate);

    private boolean onUpdate(Pushed pushed) {
        if (isReading) {
            toldCount++;
            try {
                view = view.after(PresenceUpdate.parseFrom(pushed.frame().getBody()));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
        return isReading;
    }

    private static boolean deaf(Pushed pushed) {
        throw new AssertionError("told, and does not look: " + pushed.frame());
    }

    private PresenceSession enter(long id, String name) {
        PresenceSession session = board.begin(id, name, PresenceBoardTest::deaf);
        board.enter(session, Set.of("g"));
        return session;
    }

    private void look(int first, int count, Long... users) {
        view = view.after(board.watch(looker, "g", first, count, Set.of(users)));
    }

    private void pass(long ns) {
        nowNs += ns;
        board.tick(nowNs);
        board.deliver(1_000_000);
    }

    private PresenceMember user(long id) {
        return Objects.requireNonNull(view.users().get(id));
    }

    private String names() {
        return String.join(
                " ",
                view.members().stream()
                        .map(member -> member.getName() + ":"
                                + member.getState().name().substring("PRESENCE_STATE_".length()))
                        .toList());
    }

    @Test
    void shouldShowWhoIsThereInTheOrderOfTheirNames() {
        enter(3, "carol");
        enter(2, "bob");
        look(0, 10);
        assertEquals("bob:ACTIVE carol:ACTIVE", names());
        assertEquals(2, view.counts().getActive());
        enter(4, "alice");
        assertEquals("bob:ACTIVE carol:ACTIVE", names());
        pass(S);
        assertEquals("alice:ACTIVE bob:ACTIVE carol:ACTIVE", names());
        assertEquals(3, view.counts().getActive());
        assertEquals(1, toldCount);
        pass(S);
        assertEquals(1, toldCount, "nothing has changed");
    }

    @Test
    void shouldNotFlickerWhenSomebodyReconnects() {
        PresenceSession first = enter(2, "bob");
        board.idle(first, true);
        look(0, 10);
        board.end(first, nowNs);
        pass(GRACE_NS - 1);
        PresenceSession second = enter(2, "bob");
        pass(2 * GRACE_NS);
        assertEquals(0, toldCount);
        assertEquals("bob:IDLE", names());
        board.idle(second, false);
        pass(S);
        assertEquals("bob:ACTIVE", names());
        board.end(second, nowNs);
        pass(GRACE_NS - 1);
        assertEquals("bob:ACTIVE", names());
        pass(1);
        pass(S);
        assertEquals("", names());
        assertEquals(0, view.counts().getActive());
        assertEquals(1, board.userCount(), "but for the one who looks");
    }

    @Test
    void shouldTellWhatChangedBackToNobody() {
        PresenceSession bob = enter(2, "bob");
        look(0, 10, 2L);
        pass(S);
        int before = toldCount;
        board.idle(bob, true);
        board.idle(bob, false);
        board.status(bob.user(), "away");
        board.status(bob.user(), "");
        pass(S);
        assertEquals(PresenceState.PRESENCE_STATE_ACTIVE, user(2L).getState());
        assertTrue(toldCount - before <= 1, "a user that was asked for may be told once more");
        assertEquals("bob:ACTIVE", names());
    }

    @Test
    void shouldBeIdleOnlyWhenEverySessionIs() {
        PresenceSession phone = enter(2, "bob");
        PresenceSession desk = enter(2, "bob");
        look(0, 10);
        board.idle(phone, true);
        pass(S);
        assertEquals("bob:ACTIVE", names());
        board.idle(desk, true);
        pass(S);
        assertEquals("bob:IDLE", names());
        assertEquals(1, view.counts().getIdle());
        board.end(phone, nowNs);
        board.idle(desk, false);
        pass(S);
        assertEquals("bob:ACTIVE", names());
    }

    @Test
    void shouldShowModesAndHideTheInvisible() {
        PresenceSession bob = enter(2, "bob");
        look(0, 10, 2L, 9L);
        assertEquals(PresenceState.PRESENCE_STATE_OFFLINE, user(9L).getState());
        board.mode(bob.user(), PresenceMode.PRESENCE_MODE_DO_NOT_DISTURB);
        board.status(bob.user(), "in a meeting");
        pass(S);
        assertEquals("bob:DO_NOT_DISTURB", names());
        assertEquals(1, view.counts().getDoNotDisturb());
        assertEquals("in a meeting", user(2L).getStatus());
        board.mode(bob.user(), PresenceMode.PRESENCE_MODE_INVISIBLE);
        pass(S);
        assertEquals("", names());
        assertEquals(PresenceState.PRESENCE_STATE_OFFLINE, user(2L).getState());
        assertEquals("", user(2L).getStatus());
        board.mode(bob.user(), PresenceMode.PRESENCE_MODE_USUAL);
        pass(S);
        assertEquals("bob:ACTIVE", names());
        assertEquals("in a meeting", view.members().get(0).getStatus());
    }

    @Test
    void shouldTellAWindowOfABigList() {
        for (int i = 0; i < 5_000; i++) {
            enter(10 + i, String.format("user-%04d", (i * 7_919) % 5_000));
        }
        look(2_000, 3);
        assertEquals("user-2000:ACTIVE user-2001:ACTIVE user-2002:ACTIVE", names());
        assertEquals(5_000, view.counts().getActive());
        enter(9, "a newcomer");
        pass(S);
        assertEquals("user-1999:ACTIVE user-2000:ACTIVE user-2001:ACTIVE", names());
        look(5_000, 10);
        assertEquals("user-4999:ACTIVE", names());
        look(0, 0);
        assertEquals("", names());
        assertEquals(5_001, view.counts().getActive());
    }

    @Test
    void shouldTellEverythingToWhoeverDidNotTakeSomething() {
        enter(2, "bob");
        look(0, 10, 3L);
        isReading = false;
        enter(3, "carol");
        pass(S);
        enter(4, "dave");
        pass(S);
        pass(S);
        isReading = true;
        pass(S);
        assertEquals(1, toldCount);
        assertEquals("bob:ACTIVE carol:ACTIVE dave:ACTIVE", names());
        assertEquals(PresenceState.PRESENCE_STATE_ACTIVE, user(3L).getState());
        enter(5, "erin");
        pass(S);
        assertEquals("bob:ACTIVE carol:ACTIVE dave:ACTIVE erin:ACTIVE", names());
    }

    @Test
    void shouldTellOfThousandsOfSingleUsersInPieces() {
        Long[] users = new Long[1_000];
        for (int i = 0; i < users.length; i++) {
            users[i] = 100L + i;
            enter(users[i], "user-" + i);
        }
        look(0, 0, users);
        assertEquals(256, view.users().size());
        for (int i = 0; i < 3; i++) {
            pass(S);
        }
        assertEquals(1_000, view.users().size());
        assertTrue(view.users().values().stream()
                .allMatch(user -> user.getState() == PresenceState.PRESENCE_STATE_ACTIVE));
        pass(S);
        assertEquals(3, toldCount);
    }

    @Test
    void shouldForgetWhoMayNotKnowOfTheGroupAnyMore() {
        PresenceSession bob = enter(2, "bob");
        board.enter(looker, Set.of("g", "h"));
        look(0, 10);
        board.revoke(1, "g", ChannelDirectory.NO_CHANNEL);
        isReading = false;
        pass(S);
        isReading = true;
        pass(S);
        assertTrue(view.isEnded());
        assertEquals("", names());
        board.end(bob, nowNs);
        pass(2 * GRACE_NS);
        assertEquals(1, toldCount, "that it ended, and nothing after it");
        assertEquals(1, board.groupCount());
        board.revoke(1, null, ChannelDirectory.NO_CHANNEL);
        assertEquals(0, board.groupCount());
        board.revoke(77, null, ChannelDirectory.NO_CHANNEL);
    }

    @Test
    void shouldTakeTheThreadsWithTheirChannel() {
        for (String group : List.of("lobby", "~thread/7/1", "~thread/8/1")) {
            board.watch(looker, group, 0, 10, Set.of());
        }
        board.revoke(1, "lobby", 7);
        assertEquals(
                List.of("~thread/8/1"),
                looker.watches().keySet().stream().map(PresenceGroup::name).toList());
    }

    @Test
    void shouldTellOfTheEndUntilItIsTaken() {
        PresenceSession bob = enter(2, "bob");
        look(0, 10);
        isReading = false;
        for (int i = 0; i < 5; i++) {
            board.idle(bob, i % 2 == 0); // so that it is behind already
            pass(S);
        }
        board.revoke(1, "g", ChannelDirectory.NO_CHANNEL);
        for (int i = 0; i < 20; i++) {
            pass(S);
        }
        assertEquals(0, toldCount);
        assertEquals(1, board.endNoticeCount());
        isReading = true;
        pass(S);
        assertTrue(view.isEnded());
        assertEquals(1, toldCount);
        pass(S);
        assertEquals(1, toldCount);
        assertEquals(0, board.endNoticeCount());
    }

    @Test
    void shouldOweNoMoreEndsThanASessionMayLookAtGroups() {
        isReading = false;
        for (int i = 0; i < 16; i++) {
            board.watch(looker, "group-" + i, 0, 10, Set.of());
        }
        board.revoke(1, null, ChannelDirectory.NO_CHANNEL);
        pass(S);
        assertEquals(16, looker.lookCount("g"), "so that the service refuses to let it look at one more");
        assertEquals(15, looker.lookCount("group-3"));
        board.watch(looker, "group-3", 0, 10, Set.of());
        board.unwatch(looker, "group-4");
        assertEquals(14, looker.untoldEnds().size(), "it looks again, or does not want to any more");
        board.end(looker, nowNs);
        assertEquals(0, board.endNoticeCount());
        isReading = true;
        pass(S);
        assertEquals(0, toldCount);
    }

    @Test
    void shouldTellNothingOfWhomNobodySees() {
        PresenceSession bob = enter(2, "bob");
        look(0, 10, 2L);
        board.mode(bob.user(), PresenceMode.PRESENCE_MODE_INVISIBLE);
        pass(S);
        assertEquals(PresenceState.PRESENCE_STATE_OFFLINE, user(2L).getState());
        int before = toldCount;
        board.status(bob.user(), "hidden");
        board.idle(bob, true);
        board.enter(bob, Set.of());
        pass(S);
        board.enter(bob, Set.of("g"));
        pass(S);
        assertEquals(before, toldCount);
    }

    @Test
    void shouldNotKeepMoreThanAFewEndedSessionsOfAUser() {
        look(0, 10);
        for (int i = 0; i < 100; i++) {
            board.end(enter(2, "bob"), nowNs);
        }
        pass(S);
        assertEquals("bob:ACTIVE", names());
        pass(GRACE_NS);
        pass(S);
        assertEquals("", names());
        board.end(looker, nowNs);
        board.end(looker, nowNs);
        pass(GRACE_NS);
        assertEquals(0, board.userCount());
        assertEquals(0, board.groupCount());
        assertEquals(0, board.watchedUserCount());
    }

    @Test
    void shouldTellABigGroupMoreRarely() {
        for (int i = 0; i < 10_000; i++) {
            PresenceSession session = board.begin(10 + i, "user-" + i, pushed -> true);
            board.enter(session, Set.of("g"));
            board.watch(session, "g", 0, 100, Set.of());
        }
        PresenceSession carol = enter(3, "carol");
        long before = board.updateCount();
        for (int i = 0; i < 1_000; i++) {
            board.status(carol.user(), "status " + i);
            pass(S / 100);
        }
        long sent = board.updateCount() - before;
        assertTrue(sent <= 10_000 * 6, "in ten seconds " + sent);
        assertTrue(sent >= 10_000 * 4, "in ten seconds " + sent);
        assertFalse(view.isEnded());
    }
}
