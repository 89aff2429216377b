package io.freshet.engine.notice;

import static io.freshet.engine.notice.NoticeWorld.ANN;
import static io.freshet.engine.notice.NoticeWorld.BOB;
import static io.freshet.engine.notice.NoticeWorld.CYD;
import static io.freshet.engine.notice.NoticeWorld.DAN;
import static io.freshet.engine.notice.NoticeWorld.toRoles;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who hears of a post that names roles. */
class RoleChoiceTest {
    private static final long PILOTS = 5;
    private static final long FISHERS = 6;

    private final NoticeWorld world = new NoticeWorld(new MemoryDisk());

    @AfterEach
    void close() {
        world.close();
    }

    private static NotificationSetting.Builder everywhere() {
        return NotificationSetting.newBuilder().setEverywhere(NotificationSetting.Everywhere.getDefaultInstance());
    }

    @Test
    void shouldTellThoseWhoHaveARoleAndMaySeeTheChannelOnce() {
        world.roles.put(PILOTS, List.of(ANN, BOB, CYD));
        world.roles.put(FISHERS, List.of(BOB, DAN));
        world.blind.add(DAN);
        world.post(
                "lobby",
                ANN,
                toRoles("the river rises", PILOTS, FISHERS, PILOTS).build());
        world.post("lobby", ANN, toRoles("nobody is that", 7).build());
        world.settle();

        assertEquals(List.of(), world.heard(ANN));
        assertEquals(List.of("ROLE lobby:1"), world.heard(BOB));
        assertEquals(List.of("ROLE lobby:1"), world.heard(CYD));
        assertEquals(List.of(), world.heard(DAN));
        assertEquals(1, world.count(NoticeCounter.UNSEEN));
    }

    @Test
    void shouldGoByWhatTheUserWants() {
        world.roles.put(PILOTS, List.of(BOB, CYD, DAN));
        world.set(
                BOB, everywhere().setMutedUntilUs(InboxEvents.UNTIL_SWITCHED_ON).build());
        world.set(
                CYD,
                everywhere()
                        .setLevel(NotificationLevel.NOTIFICATION_LEVEL_MENTIONS)
                        .build());
        world.set(
                DAN,
                everywhere()
                        .setLevel(NotificationLevel.NOTIFICATION_LEVEL_NOTHING)
                        .build());
        world.post("lobby", ANN, toRoles("the river rises", PILOTS).build());
        world.post(
                "lobby",
                ANN,
                toRoles("and bob", PILOTS)
                        .mergeFrom(NoticeWorld.content("", BOB, CYD).build())
                        .build());
        world.settle();

        assertEquals(List.of("MENTION lobby:2"), world.heard(BOB));
        assertEquals(List.of("ROLE lobby:1", "MENTION lobby:2"), world.heard(CYD));
        assertEquals(List.of(), world.heard(DAN));
        assertEquals(3, world.count(NoticeCounter.UNWANTED));
    }

    @Test
    void shouldAskAgainWhoHasARole() {
        world.roles.put(PILOTS, List.of(BOB));
        world.unansweredRoleCount = 3;
        world.post("lobby", ANN, toRoles("the river rises", PILOTS).build());
        world.pass(10);

        assertEquals(List.of("ROLE lobby:1"), world.heard(BOB));
        assertEquals(3, world.count(NoticeCounter.ASKED_AGAIN));
        assertEquals(0, world.count(NoticeCounter.ROLES_GIVEN_UP));
    }

    @Test
    void shouldNotWaitForEverForARoleThatNobodyKnows() {
        world.roles.put(PILOTS, List.of(CYD));
        world.unansweredRoleCount = Integer.MAX_VALUE;
        world.post(
                "lobby",
                ANN,
                toRoles("bob", PILOTS)
                        .mergeFrom(NoticeWorld.content("", BOB).build())
                        .build());
        world.post("lobby", ANN, toRoles("again", PILOTS, FISHERS).build());
        world.post("lobby", ANN, "cyd", CYD);
        world.pass(10);

        assertEquals(List.of("MENTION lobby:1"), world.heard(BOB));
        assertEquals(List.of("MENTION lobby:3"), world.heard(CYD));
        assertEquals(3, world.count(NoticeCounter.ROLES_GIVEN_UP));

        world.unansweredRoleCount = 0;
        world.post("lobby", ANN, toRoles("now", PILOTS).build());
        world.pass(10);
        assertEquals(List.of("MENTION lobby:3", "ROLE lobby:4"), world.heard(CYD));
    }

    @Test
    void shouldTellOfTheRolesOfOthersWhileNobodyAnswersForOneAuthor() {
        world.roles.put(PILOTS, List.of(CYD));
        world.unansweredRoleCount = Integer.MAX_VALUE;
        world.unansweredAuthor = ANN;
        world.post("lobby", ANN, toRoles("one", PILOTS).build());
        world.post("lobby", BOB, toRoles("two", PILOTS).build());
        world.post("lobby", ANN, toRoles("three", PILOTS).build());
        world.post("lobby", BOB, toRoles("four", PILOTS).build());
        world.pass(8);

        assertEquals(List.of("ROLE lobby:2", "ROLE lobby:4"), world.heard(CYD));
        assertEquals(2, world.count(NoticeCounter.ROLES_GIVEN_UP));
    }

    @Test
    void shouldAskOfABoundedNumberOfRoles() {
        long[] roles = LongStream.rangeClosed(100, 100 + RoleChoice.ROLE_LIMIT).toArray();
        world.roles.put(100L + RoleChoice.ROLE_LIMIT - 1, List.of(BOB));
        world.roles.put(100L + RoleChoice.ROLE_LIMIT, List.of(CYD));
        world.post("lobby", ANN, toRoles("whoever", roles).build());
        world.settle();

        assertEquals(List.of("ROLE lobby:1"), world.heard(BOB));
        assertEquals(List.of(), world.heard(CYD));
    }

    @Test
    void shouldTellABoundedNumber() {
        world.roles.put(PILOTS, LongStream.rangeClosed(1_001, 1_600).boxed().toList());
        world.roles.put(FISHERS, LongStream.rangeClosed(1_501, 2_100).boxed().toList());
        for (long user = 1_001; user <= 2_100; user++) {
            world.markRead(user, "elsewhere", 1); // these have an inbox
        }
        world.post("lobby", ANN, toRoles("all hands", PILOTS, FISHERS).build());
        for (int i = 0; i < 5; i++) {
            world.settle();
        }

        assertEquals(RoleChoice.LIMIT, world.count(NoticeCounter.WRITTEN));
        assertEquals(100, world.count(NoticeCounter.BEYOND_EVERYONE));
        assertEquals(List.of("ROLE lobby:1"), world.heard(2_000));
        assertEquals(List.of(), world.heard(2_001));
    }
}
