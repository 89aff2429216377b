package io.freshet.engine.notice;

import static io.freshet.engine.notice.NoticeWorld.ANN;
import static io.freshet.engine.notice.NoticeWorld.BOB;
import static io.freshet.engine.notice.NoticeWorld.CYD;
import static io.freshet.engine.notice.NoticeWorld.DAN;
import static io.freshet.engine.notice.NoticeWorld.content;
import static io.freshet.engine.notice.NoticeWorld.toEveryone;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.ThreadName;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whom the notifier tells of what, and of what it tells nobody. */
class NotifierTest {
    private final NoticeWorld world = new NoticeWorld(new MemoryDisk());

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void shouldTellWhomAPostNames() {
        world.post("lobby", ANN, "hi", BOB, CYD);
        world.settle();

        assertEquals(List.of("MENTION lobby:1"), world.heard(BOB));
        assertEquals(List.of("MENTION lobby:1"), world.heard(CYD));
        assertEquals(ANN, world.notices(BOB).get(0).getAuthor());
        assertEquals(2, world.count(NoticeCounter.WRITTEN));
    }

    @Test
    void shouldTellWhoeverIsAnswered() {
        world.post("lobby", BOB, "a question");
        world.post("lobby", ANN, content("an answer").setReplyTo(1).build());
        world.settle();

        assertEquals(List.of("REPLY lobby:2"), world.heard(BOB));
    }

    @Test
    void shouldTellTheOtherMembersOfADirectChannel() {
        world.makeDirect("dm", ANN, BOB, CYD);
        world.post("dm", ANN, "psst");
        world.settle();

        assertEquals(List.of("DIRECT dm:2"), world.heard(BOB));
        assertEquals(List.of("DIRECT dm:2"), world.heard(CYD));
        assertEquals(List.of(), world.heard(ANN));
    }

    @Test
    void shouldTellEveryoneWhoHasToDoWithTheChannel() {
        world.markRead(BOB, "lobby", 1);
        world.set(CYD, ofChannel(NotificationLevel.NOTIFICATION_LEVEL_ALL));
        world.markRead(DAN, "elsewhere", 1);
        world.post("lobby", ANN, toEveryone("all of you").build());
        world.settle();

        assertEquals(List.of("EVERYONE lobby:1"), world.heard(BOB));
        assertEquals(List.of("EVERYONE lobby:1"), world.heard(CYD));
        assertEquals(List.of(), world.heard(DAN));
    }

    @Test
    void shouldTellABoundedNumberOfEveryoneThoseWhoHaveReadTheFurthest() {
        int count = EveryoneChoice.LIMIT + 50;
        for (int i = 1; i <= count; i++) {
            world.post("lobby", ANN, "hi");
            world.markRead(1000L + i, "lobby", i);
        }
        world.post("lobby", ANN, toEveryone("all of you").build());
        for (int i = 0; i < 5; i++) {
            world.settle();
        }

        assertEquals(EveryoneChoice.LIMIT, world.count(NoticeCounter.WRITTEN));
        assertEquals(50, world.count(NoticeCounter.BEYOND_EVERYONE));
        assertEquals(List.of(), world.heard(1050));
        assertEquals(List.of("EVERYONE lobby:" + (count + 1)), world.heard(1051));
    }

    @Test
    void shouldTellOfOnePostOnceForTheFirstReason() {
        world.markRead(BOB, "lobby", 1);
        world.post("lobby", BOB, "a question");
        Content content = toEveryone("bob, all of you")
                .mergeFrom(content("", BOB, BOB).setReplyTo(1).build())
                .build();
        world.post("lobby", ANN, content);
        world.settle();

        assertEquals(List.of("MENTION lobby:2"), world.heard(BOB));
    }

    @Test
    void shouldNeverTellTheAuthorNorOfWhatIsSilentOrNoPost() {
        world.post("lobby", ANN, "to myself", ANN);
        world.post("lobby", ANN, content("quietly", BOB).setSilent(true).build());
        long lobby = world.channel("lobby");
        Edit edit = Edit.newBuilder()
                .setTarget(1)
                .setContent(content("edited", BOB, CYD))
                .build();
        world.append(lobby, EventKind.EDIT, FrameHeader.FLAG_CHECKED, ANN, edit);
        world.append(lobby, EventKind.POST, 0, ANN, content("not checked", BOB).build());
        world.append(lobby, EventKind.MESSAGE, 0, ANN, content("no post", BOB).build());
        world.settle();

        for (long user : new long[] {ANN, BOB, CYD}) {
            assertEquals(List.of(), world.heard(user));
        }
    }

    @Test
    void shouldKeepToWhatTheUserHasSet() {
        world.set(BOB, ofChannel(NotificationLevel.NOTIFICATION_LEVEL_NOTHING));
        world.post("lobby", ANN, "hi", BOB);
        world.post("other", ANN, "hi", BOB);
        world.settle();
        assertEquals(List.of("MENTION other:1"), world.heard(BOB));
        assertEquals(1, world.count(NoticeCounter.UNWANTED));

        world.set(BOB, ofChannel(NotificationLevel.NOTIFICATION_LEVEL_UNSPECIFIED));
        world.post("lobby", ANN, "hi again", BOB);
        world.settle();
        assertEquals(List.of("MENTION other:1", "MENTION lobby:2"), world.heard(BOB));
    }

    @Test
    void shouldTellNobodyWhoMayNotSeeTheChannel() {
        world.blind.add(BOB);
        world.post("lobby", ANN, "hi", BOB, CYD);
        world.settle();

        assertEquals(List.of(), world.heard(BOB));
        assertEquals(List.of("MENTION lobby:1"), world.heard(CYD));
        assertEquals(1, world.count(NoticeCounter.UNSEEN));
    }

    @Test
    void shouldTryAgainWhenAnInboxRefuses() {
        world.refusalCount = 3;
        world.post("lobby", ANN, "hi", BOB);
        world.post("lobby", ANN, "hi again", BOB);
        world.settle();
        world.settle();

        assertEquals(List.of("MENTION lobby:1", "MENTION lobby:2"), world.heard(BOB));
        assertEquals(3, world.count(NoticeCounter.REFUSED));
    }

    @Test
    void shouldGiveUpWhatAnInboxNeverTakes() {
        world.refusalCount = 1;
        world.refusal = ErrorCode.UNKNOWN_CHANNEL;
        world.post("lobby", ANN, "hi", BOB);
        world.settle();
        assertEquals(1, world.count(NoticeCounter.DROPPED));

        world.post("lobby", ANN, "hi again", BOB);
        world.settle();
        assertEquals(List.of("MENTION lobby:2"), world.heard(BOB));
    }

    @Test
    void shouldKeepTheOrderOfEachChannelThroughAFloodThatNoQueueHolds() {
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 10_000; i++) {
            world.post("lobby", ANN, "hi " + i, BOB);
            expected.add("MENTION lobby:" + i);
        }
        while (world.count(NoticeCounter.WRITTEN) < expected.size()) {
            world.step();
            assertTrue(world.count(NoticeCounter.WAITING) <= 5_000);
        }
        world.settle();

        assertEquals(expected, world.heard(BOB));
    }

    @Test
    void shouldTellSinksOfWhatStaysUnread() {
        world.post("lobby", ANN, "hi", BOB, CYD);
        for (int i = 0; i < 100; i++) {
            world.step();
        }
        assertEquals(2, world.count(NoticeCounter.WRITTEN));
        assertEquals(List.of(), world.pushed);
        world.markRead(CYD, "lobby", 1);
        world.settle();

        assertEquals(List.of(BOB), world.pushed.stream().map(Notification::user).toList());
        Notification pushed = world.pushed.get(0);
        assertEquals("mention", pushed.reason());
        assertEquals("lobby", pushed.channel());
        assertEquals(1, pushed.sequence());
        assertEquals(1, world.count(NoticeCounter.PUSH_READ));
    }

    @Test
    void shouldTellOfWhatAnInboxDidNotTakeForLong() {
        world.refusalCount = Integer.MAX_VALUE;
        world.refusal = ErrorCode.STORAGE_FULL;
        world.post("lobby", ANN, "hi", BOB);
        world.pass(90);
        assertEquals(List.of(), world.heard(BOB));
        world.refusalCount = 0;
        world.pass(11);

        assertEquals(List.of("MENTION lobby:1"), world.heard(BOB));
        assertEquals(0, world.count(NoticeCounter.DROPPED));
    }

    @Test
    void shouldLetNoInboxHoldUpAnother() {
        world.refusalCount = Integer.MAX_VALUE;
        world.refusal = ErrorCode.CHANNEL_UNAVAILABLE;
        world.refusing = BOB;
        world.post("lobby", ANN, "hi", BOB);
        world.settle();
        world.post("lobby", ANN, "hi", CYD);
        world.settle();

        assertEquals(List.of("MENTION lobby:2"), world.heard(CYD));
    }

    @Test
    void shouldMakeRoomForTheOthersWhenAnInboxHasTakenNothingForLong() {
        world.refusalCount = Integer.MAX_VALUE;
        world.refusal = ErrorCode.CHANNEL_UNAVAILABLE;
        world.refusing = BOB;
        for (int i = 0; i < 5_000; i++) {
            world.post("lobby", ANN, "hi", BOB);
            if (i % 1_000 == 0) {
                world.post("attic", ANN, "hi", CYD);
                world.pass(20);
            }
        }
        world.post("attic", ANN, "hi", CYD);
        world.pass(60);

        assertEquals(6, world.heard(CYD).size());
        assertTrue(world.count(NoticeCounter.DROPPED) > 0);
    }

    @Test
    void shouldAskAgainWhoMaySeeAChannel() {
        world.unansweredCount = 2;
        world.post("lobby", ANN, "hi", BOB);
        world.settle();

        assertEquals(List.of("MENTION lobby:1"), world.heard(BOB));
        assertEquals(2, world.count(NoticeCounter.ASKED_AGAIN));
        assertEquals(0, world.count(NoticeCounter.UNSEEN));
    }

    @Test
    void shouldNotAskForEver() {
        world.unansweredCount = Integer.MAX_VALUE;
        world.post("lobby", ANN, "hi", BOB);
        world.pass(11 * 60);

        assertEquals(1, world.count(NoticeCounter.DROPPED));
        world.unansweredCount = 0;
        world.post("lobby", ANN, "hi again", BOB);
        world.settle();
        assertEquals(List.of("MENTION lobby:2"), world.heard(BOB));
    }

    @Test
    void shouldMakeABoundedNumberOfInboxesForThoseWhomOneAuthorNames() {
        world.post("lobby", ANN, "so that there is one", BOB);
        world.settle();
        for (int i = 1; i <= NewInboxes.LIMIT + 20; i++) {
            world.post("lobby", ANN, "hi", 10_000L + i);
        }
        world.post("lobby", ANN, "hi", BOB);
        world.post("lobby", CYD, "hi", 20_000);
        world.settle();
        world.settle();

        assertEquals(21, world.count(NoticeCounter.STRANGERS));
        assertEquals(0, world.find(InboxName.of(10_000L + NewInboxes.LIMIT)));
        assertEquals(2, world.heard(BOB).size());
        assertEquals(1, world.heard(20_000).size());
    }

    @Test
    void shouldTakeNobodysWordThatTheyHaveReadFurtherThanThereIs() {
        world.post("lobby", ANN, "one");
        for (int i = 1; i <= EveryoneChoice.LIMIT; i++) {
            world.markRead(1_000_000L + i, "lobby", Long.MAX_VALUE);
        }
        world.markRead(BOB, "lobby", 2);
        world.post("lobby", ANN, toEveryone("all of you").build());
        world.settle();
        world.settle();

        assertEquals(List.of("EVERYONE lobby:2"), world.heard(BOB));
    }

    @Test
    void shouldGiveNobodysPlaceToThoseWhoMayNotSeeTheChannel() {
        world.post("lobby", ANN, "one");
        world.post("lobby", ANN, "two");
        for (int i = 1; i <= 2 * EveryoneChoice.LIMIT + 500; i++) {
            world.markRead(1_000_000L + i, "lobby", 2);
            world.blind.add(1_000_000L + i);
        }
        world.markRead(BOB, "lobby", 1);
        world.markRead(CYD, "lobby", 1);
        world.post("lobby", ANN, toEveryone("all of you").build());
        world.post("lobby", ANN, "and cyd", CYD);
        world.settle();

        assertEquals(List.of("EVERYONE lobby:3"), world.heard(BOB));
        assertEquals(List.of("EVERYONE lobby:3", "MENTION lobby:4"), world.heard(CYD));
        assertEquals(2 * EveryoneChoice.LIMIT + 500, world.count(NoticeCounter.UNSEEN));
        assertEquals(0, world.count(NoticeCounter.BEYOND_EVERYONE));
    }

    @Test
    void shouldNotWaitForEverForThoseOfWhomNobodySaysWhetherTheyMaySee() {
        world.markRead(BOB, "lobby", 1);
        world.unansweredCount = Integer.MAX_VALUE;
        world.post("lobby", ANN, toEveryone("all of you").build());
        world.post("lobby", ANN, toEveryone("all of you").build());
        world.pass(8);
        assertEquals(2, world.count(NoticeCounter.WAITING));
        world.unansweredCount = 0;
        world.pass(60);

        assertEquals(List.of("EVERYONE lobby:1", "EVERYONE lobby:2"), world.heard(BOB));
    }

    @Test
    void shouldTellSinksOfWhatTheApplicationWritesIntoAnInbox() {
        long lobby = world.channel("lobby");
        Notice.Builder notice = Notice.newBuilder()
                .setReason(Notice.Reason.REASON_MENTION)
                .setChannelName("lobby")
                .setChannel(lobby);
        world.notice(BOB, notice.setSequence(1).build());
        world.notice(CYD, notice.setSequence(2).build());
        world.notice(CYD, notice.clearSequence().clearReason().build());
        world.markRead(CYD, "lobby", 2);
        world.settle();

        assertEquals(
                List.of(lobby + "-1-" + BOB + " mention", lobby + "-in2-" + CYD + " unspecified"),
                world.pushed.stream()
                        .map(each -> each.id() + " " + each.reason())
                        .toList());
    }

    @Test
    void shouldTellNoSinkAboutWhoIsNotToBeDisturbed() {
        world.undisturbed.add(BOB);
        world.post("lobby", ANN, "hi", BOB, CYD);
        world.settle();

        assertEquals(List.of(CYD), world.pushed.stream().map(Notification::user).toList());
        assertEquals(List.of("MENTION lobby:1"), world.heard(BOB));
        assertEquals(1, world.count(NoticeCounter.PUSH_UNDISTURBED));
    }

    @Test
    void shouldTellTheAuthorOfAPostOfTheFirstAnswerInItsThread() {
        world.post("lobby", BOB, "a question");
        String thread = ThreadName.of(world.channel("lobby"), 1);
        world.post(thread, ANN, "an answer");
        world.post(thread, CYD, "another");
        world.settle();

        assertEquals(List.of("REPLY " + thread + ":1"), world.heard(BOB));
    }

    @Test
    void shouldNotTellTheAuthorOfAPostOfTheAuthorsOwnAnswer() {
        world.post("lobby", BOB, "a question");
        String thread = ThreadName.of(world.channel("lobby"), 1);
        world.post(thread, BOB, "let me add");
        world.post(thread, ANN, "an answer");
        world.settle();

        assertEquals(List.of(), world.heard(BOB));
    }

    @Test
    void shouldKeepInAThreadToWhatIsSetForItsChannel() {
        world.set(BOB, ofChannel(NotificationLevel.NOTIFICATION_LEVEL_NOTHING));
        world.post("lobby", ANN, "a question");
        world.post(ThreadName.of(world.channel("lobby"), 1), ANN, "hi", BOB, CYD);
        world.settle();

        assertEquals(List.of(), world.heard(BOB));
        assertEquals(1, world.heard(CYD).size());
    }

    @Test
    void shouldTellEveryoneOfAThreadThoseOfItsChannelToo() {
        world.markRead(BOB, "lobby", 1);
        world.post("lobby", ANN, "a question");
        String thread = ThreadName.of(world.channel("lobby"), 1);
        world.post(thread, DAN, "an answer");
        world.markRead(CYD, thread, 1);
        world.post(thread, ANN, toEveryone("all of you").build());
        world.settle();

        assertEquals(List.of("EVERYONE " + thread + ":2"), world.heard(BOB));
        assertEquals(List.of("EVERYONE " + thread + ":2"), world.heard(CYD));
        assertEquals(List.of(), world.heard(DAN));
    }

    private NotificationSetting ofChannel(NotificationLevel level) {
        return NotificationSetting.newBuilder()
                .setChannel(world.channel("lobby"))
                .setLevel(level)
                .build();
    }
}
