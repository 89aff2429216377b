package io.freshet.engine.notice;

import static io.freshet.engine.notice.NoticeWorld.ANN;
import static io.freshet.engine.notice.NoticeWorld.BOB;
import static io.freshet.engine.notice.NoticeWorld.CYD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Wherever the process ends, everybody has heard of every post that is kept once, and not more than once. */
class NotifierCrashTest {
    private static final List<String> CHANNELS = List.of("one", "two", "three");
    private static final int POSTS = 6;

    private static final class Ended extends Error {
        private static final long serialVersionUID = 1;
    }

    @ParameterizedTest
    @EnumSource(MemoryDisk.Kept.class)
    void shouldTellOnceWhereverTheProcessEnds(MemoryDisk.Kept kept) {
        int crashCount = 0;
        for (int at = 1; ; at++) {
            MemoryDisk disk = new MemoryDisk();
            if (!runAndEndAt(disk, at, kept)) {
                break;
            }
            crashCount++;
            check(disk, "ended at step " + at);
        }
        assertTrue(crashCount > 50, "only " + crashCount + " steps");
    }

    @Test
    void shouldTellOnceThoughItEndsAgainWhileItRepeats() {
        for (int at = 1; ; at += 7) {
            MemoryDisk disk = new MemoryDisk();
            if (!runAndEndAt(disk, at, MemoryDisk.Kept.WRITTEN)) {
                break;
            }
            for (int again = 2; again < 40; again += 7) {
                endAt(disk, again, MemoryDisk.Kept.WRITTEN, null);
            }
            check(disk, "ended at step " + at + " and while it was repeated");
        }
    }

    @Test
    void shouldTellOnceThoughIndexesAreLost() {
        MemoryDisk disk = new MemoryDisk();
        assertTrue(!runAndEndAt(disk, Integer.MAX_VALUE, MemoryDisk.Kept.WRITTEN));
        disk.crash(MemoryDisk.Kept.WRITTEN, false);
        disk.dropIndex(0);
        disk.dropIndex(1);
        check(disk, "without indexes");
    }

    @Test
    void shouldNotTellOfOldPostsBySettingsOfToday() {
        MemoryDisk disk = new MemoryDisk();
        NoticeWorld before = new NoticeWorld(disk);
        before.set(BOB, everywhere(NotificationLevel.NOTIFICATION_LEVEL_NOTHING));
        before.post("one", ANN, "old", BOB);
        before.settle();
        before.set(BOB, everywhere(NotificationLevel.NOTIFICATION_LEVEL_ALL));
        before.pass(120);
        before.post("one", ANN, "new", BOB);
        before.settle();
        assertEquals(List.of("MENTION one:2"), before.heard(BOB));
        before.close();
        disk.dropIndex(0);
        disk.dropIndex(1);
        NoticeWorld after = new NoticeWorld(disk, TimeUnit.MINUTES.toNanos(5));
        after.settle();
        after.post("one", ANN, "newer", BOB);
        after.settle();

        assertEquals(List.of("MENTION one:2", "MENTION one:3"), after.heard(BOB));
        assertEquals(
                List.of(3L), after.pushed.stream().map(Notification::sequence).toList());
        after.close();
    }

    private static NotificationSetting everywhere(NotificationLevel level) {
        return NotificationSetting.newBuilder()
                .setEverywhere(NotificationSetting.Everywhere.getDefaultInstance())
                .setLevel(level)
                .build();
    }

    private static boolean runAndEndAt(MemoryDisk disk, int at, MemoryDisk.Kept kept) {
        return endAt(disk, at, kept, world -> {
            for (int i = 0; i < POSTS; i++) {
                world.post(CHANNELS.get(i % CHANNELS.size()), ANN, "post " + i, BOB, CYD);
                world.step();
            }
        });
    }

    private interface Work {
        void on(NoticeWorld world);
    }

    /** Ends the process at one of its steps; whether it came so far. */
    private static boolean endAt(MemoryDisk disk, int at, MemoryDisk.Kept kept, @Nullable Work work) {
        int[] steps = {0};
        disk.onStep(() -> {
            if (++steps[0] == at) {
                disk.crash(kept, false);
                throw new Ended();
            }
        });
        try {
            NoticeWorld world = new NoticeWorld(disk);
            if (work != null) {
                work.on(world);
            }
            world.settle();
            disk.onStep(() -> {});
            world.close();
            return false;
        } catch (Ended e) {
            disk.onStep(() -> {});
            return true;
        }
    }

    private static void check(MemoryDisk disk, String when) {
        NoticeWorld world = new NoticeWorld(disk);
        world.settle();
        for (long user : new long[] {BOB, CYD}) {
            for (String name : CHANNELS) {
                List<Long> heard = world.notices(user).stream()
                        .filter(notice -> notice.getChannelName().equals(name))
                        .map(Notice::getSequence)
                        .toList();
                assertEquals(mentioning(world, name, user), heard, when + ", user " + user + " of " + name);
            }
        }
        world.close();
    }

    private static List<Long> mentioning(NoticeWorld world, String channel, long user) {
        List<Long> found = new ArrayList<>();
        for (Map.Entry<Long, byte[]> each :
                world.recordsBySequence(world.channel(channel), EventKind.POST).entrySet()) {
            try {
                Content content = Content.parseFrom(each.getValue());
                if (content.getMentionsList().stream().map(Mention::getUser).anyMatch(id -> id == user)) {
                    found.add(each.getKey());
                }
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
        return found;
    }
}
