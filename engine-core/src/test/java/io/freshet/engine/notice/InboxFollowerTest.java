package io.freshet.engine.notice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NoticeSource;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import io.freshet.protocol.v1.ReadMark;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What the index has of inboxes is what their events come to, however they are cut, told again or restored. */
class InboxFollowerTest {
    private static final int USERS = 3;
    private static final long SENDER_OF_NOTICES = 0;

    private final Map<Long, Long> heads = new HashMap<>();
    private final List<LogDocument> log = new ArrayList<>();

    @Test
    void shouldComeToTheSameHoweverTheLogIsCutToldAgainAndRestored() {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 60; round++) {
            heads.clear();
            log.clear();
            for (int i = 0; i < 200; i++) {
                log.add(document(random));
            }
            Map<String, String> expected = folded().text();
            String what = "seed " + seed + ", round " + round;
            assertSame(expected, cut(random).text(), what);
            for (int i = 0; i < 3; i++) {
                assertSame(expected, restored(random).text(), what);
            }
        }
    }

    /** Says only what differs. */
    private static void assertSame(Map<String, String> expected, Map<String, String> found, String what) {
        assertEquals(expected.keySet(), found.keySet(), what);
        expected.forEach((key, value) -> assertEquals(value, found.get(key), what + ", " + key));
    }

    /** All at once. */
    private FollowerStates folded() {
        FollowerStates states = new FollowerStates();
        LogFollower follower = follower();
        log.forEach(follower::onDocument);
        follower.onCheckpoint(states);
        return states;
    }

    /** With checkpoints here and there, some of which fail. */
    private FollowerStates cut(SplittableRandom random) {
        FollowerStates states = new FollowerStates();
        LogFollower follower = follower();
        int checkpoint = 0;
        for (int i = 0; i < log.size(); ) {
            follower.onDocument(log.get(i++));
            int chance = random.nextInt(10);
            if (chance == 0) {
                follower.onCheckpoint(states);
                checkpoint = i;
            } else if (chance == 1) {
                follower.onRollback();
                i = checkpoint;
            }
        }
        follower.onCheckpoint(states);
        return states;
    }

    /** From a snapshot at some place, put into the log behind it and told there, with some of the documents from before it. */
    private FollowerStates restored(SplittableRandom random) {
        int at = random.nextInt(log.size());
        FollowerStates snapshot = new FollowerStates();
        LogFollower first = follower();
        log.subList(0, at).forEach(first::onDocument);
        first.onCheckpoint(snapshot);

        FollowerStates states = new FollowerStates();
        LogFollower follower = follower();
        int from = random.nextInt(at + 1);
        int told = at + random.nextInt(log.size() - at + 1);
        for (int i = from; i < log.size(); i++) {
            if (i == told) {
                snapshot.restoreInto(follower);
            }
            follower.onDocument(log.get(i));
            // What was put before the snapshot was told lacks what is in it, and is made good then.
            if (random.nextInt(10) == 0) {
                follower.onCheckpoint(states);
            }
        }
        if (told == log.size()) {
            snapshot.restoreInto(follower);
        }
        follower.onCheckpoint(states);
        return states;
    }

    @Test
    void shouldBoundWhatAUserKeepsAndForgetWhatWasSaidLongestAgo() {
        for (int i = 1; i <= InboxEvents.MARK_COUNT + 5; i++) {
            log.add(single(1, EventKind.READ, 1, mark(1_000L + i, i)));
        }
        log.add(single(1, EventKind.READ, 1, mark(1_000 + 6, 1)));
        log.add(single(1, EventKind.READ, 1, mark(5_000, 1)));
        for (int i = 1; i <= InboxEvents.SETTING_COUNT + 5; i++) {
            NotificationSetting setting = NotificationSetting.newBuilder()
                    .setSpace("space " + i)
                    .setLevel(NotificationLevel.NOTIFICATION_LEVEL_ALL)
                    .build();
            log.add(single(1, EventKind.SETTING, 1, setting));
        }
        Inbox inbox = inbox(folded(), 1);

        assertEquals(InboxEvents.MARK_COUNT, inbox.marks().size());
        assertEquals(0, inbox.readUpTo(1_005));
        assertEquals(6, inbox.readUpTo(1_006), "a mark only rises, and this one was said again");
        assertEquals(0, inbox.readUpTo(1_007));
        assertEquals(8, inbox.readUpTo(1_008));
        assertEquals(InboxEvents.SETTING_COUNT, inbox.settings().size());
        assertEquals("space 6", inbox.settings().get(0).getSpace());
    }

    @Test
    void shouldWriteForAMarkOnlyWhatItChanges() {
        for (int i = 1; i <= InboxEvents.MARK_COUNT; i++) {
            log.add(single(1, EventKind.READ, 1, mark(1_000L + i, i)));
        }
        for (int i = 1; i <= InboxEvents.SETTING_COUNT; i++) {
            NotificationSetting setting = NotificationSetting.newBuilder()
                    .setSpace("space " + i)
                    .setMutedUntilUs(InboxEvents.UNTIL_SWITCHED_ON)
                    .build();
            log.add(single(1, EventKind.SETTING, 1, setting));
        }
        FollowerStates states = new FollowerStates();
        LogFollower follower = follower();
        log.forEach(follower::onDocument);
        follower.onCheckpoint(states);

        for (long channel : new long[] {1_500, 5_000}) { // one that it has, and one for which another goes
            states.putLength = 0;
            follower.onDocument(single(1, EventKind.READ, 1, mark(channel, 9_000)));
            follower.onDocument(single(1, EventKind.NOTICE, SENDER_OF_NOTICES, notice(0, channel, 0)));
            follower.onCheckpoint(states);
            assertEquals(9_000, inbox(states, 1).readUpTo(channel));
            assertTrue(states.putLength < 100, states.putLength + " bytes");
        }
        assertEquals(0, inbox(states, 1).readUpTo(1_001));
        assertEquals(InboxEvents.MARK_COUNT, inbox(states, 1).marks().size());
    }

    @Test
    void shouldTakeNothingThatIsNotItsSendersToSay() {
        NotificationSetting nothing = NotificationSetting.newBuilder()
                .setEverywhere(NotificationSetting.Everywhere.getDefaultInstance())
                .setLevel(NotificationLevel.NOTIFICATION_LEVEL_NOTHING)
                .build();
        log.add(single(1, EventKind.SETTING, 2, nothing));
        log.add(single(1, EventKind.READ, 2, mark(9, 9)));
        log.add(single(1, EventKind.NOTICE, 1, notice(0, 5, 0)));
        log.add(single(USERS + 1, EventKind.SETTING, 2, nothing)); // no inbox
        assertEquals(
                Set.of("0000000000000000 0000000000000005 0000000000000000"),
                folded().kept.keySet(),
                "progress");

        log.add(single(1, EventKind.SETTING, SENDER_OF_NOTICES, nothing));
        assertEquals(List.of(nothing), inbox(folded(), 1).settings(), "the application may set for its users");
    }

    private static LogFollower follower() {
        return new InboxFollower(
                channel -> channel <= USERS ? InboxName.of(channel) : "channel " + channel,
                new PostQueue(4),
                new WrittenNotices(false),
                0);
    }

    private static Inbox inbox(FollowerStates states, long channel) {
        Inbox inbox = new Inbox();
        states.states(channel, InboxKeys.HEAD, InboxKeys.MARKS, inbox::put);
        return inbox;
    }

    /** The inbox of user n is channel n. */
    private LogDocument document(SplittableRandom random) {
        Document document = new Document(log.size() + 1);
        for (int run = 1 + random.nextInt(2); run > 0; run--) {
            long user = 1L + random.nextInt(USERS);
            if (!document.has(user)) {
                List<byte[]> records = new ArrayList<>();
                for (int i = 1 + random.nextInt(3); i > 0; i--) {
                    records.add(record(random, user));
                }
                document.run(user, nextSequence(user, records.size()), records);
            }
        }
        return document;
    }

    private byte[] record(SplittableRandom random, long user) {
        return switch (random.nextInt(4)) {
            case 0 -> frame(EventKind.SETTING, user, setting(random));
            case 1 ->
                frame(
                        EventKind.NOTICE,
                        SENDER_OF_NOTICES,
                        notice(random.nextInt(2), random.nextInt(50), random.nextInt(3)));
            case 2 -> frame(EventKind.MESSAGE, user, mark(1, 1));
            default -> frame(EventKind.READ, user, mark(10L + random.nextInt(5), 1L + random.nextInt(100)));
        };
    }

    private static NotificationSetting setting(SplittableRandom random) {
        NotificationSetting.Builder setting = NotificationSetting.newBuilder()
                .setLevelValue(random.nextInt(4))
                .setMutedUntilUs(random.nextInt(2));
        switch (random.nextInt(3)) {
            case 0 -> setting.setChannel(10L + random.nextInt(8));
            case 1 -> setting.setSpace("space " + random.nextInt(3));
            default -> setting.setEverywhere(NotificationSetting.Everywhere.getDefaultInstance());
        }
        return setting.build();
    }

    private static ReadMark mark(long channel, long sequence) {
        return ReadMark.newBuilder().setChannel(channel).setSequence(sequence).build();
    }

    private static Notice notice(int shard, long position, int index) {
        return Notice.newBuilder()
                .setReason(Notice.Reason.REASON_MENTION)
                .setSource(NoticeSource.newBuilder()
                        .setShard(shard)
                        .setPosition(position)
                        .setIndex(index))
                .build();
    }

    private LogDocument single(long channel, EventKind kind, long sender, MessageLite payload) {
        Document document = new Document(log.size() + 1);
        document.run(channel, nextSequence(channel, 1), List.of(frame(kind, sender, payload)));
        return document;
    }

    private long nextSequence(long channel, int count) {
        return heads.merge(channel, (long) count, Long::sum) - count + 1;
    }

    private static byte[] frame(EventKind kind, long sender, MessageLite payload) {
        byte[] bytes = payload.toByteArray();
        ByteBuf frame = Unpooled.buffer();
        RecordFrame.writeHead(frame, kind.code(), 1, 1, 1, sender, 0, bytes.length);
        frame.writeBytes(bytes);
        byte[] written = new byte[frame.readableBytes()];
        frame.readBytes(written);
        return written;
    }

    /** A document as a follower sees it. */
    private static final class Document implements LogDocument {
        private record Run(long channel, long firstSequence, List<byte[]> records, List<Integer> offsets) {}

        private final long position;
        private final List<Run> runs = new ArrayList<>();
        private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[8_192]);
        private int used;

        Document(long position) {
            this.position = position;
        }

        boolean has(long channel) {
            return runs.stream().anyMatch(run -> run.channel == channel);
        }

        void run(long channel, long firstSequence, List<byte[]> records) {
            List<Integer> offsets = new ArrayList<>();
            runs.add(new Run(channel, firstSequence, records, offsets));
            for (byte[] record : records) {
                offsets.add(used);
                buffer.putBytes(used, record);
                used += record.length;
            }
        }

        @Override
        public Kind kind() {
            return Kind.RUNS;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public int epoch() {
            return 1;
        }

        @Override
        public long timeUs() {
            return 1;
        }

        @Override
        public int runCount() {
            return runs.size();
        }

        @Override
        public long channel(int run) {
            return runs.get(run).channel;
        }

        @Override
        public long firstSequence(int run) {
            return runs.get(run).firstSequence;
        }

        @Override
        public int recordCount(int run) {
            return runs.get(run).records.size();
        }

        @Override
        public long previousPosition(int run) {
            return -1;
        }

        @Override
        public DirectBuffer buffer() {
            return buffer;
        }

        @Override
        public int recordOffset(int run, int record) {
            return runs.get(run).offsets.get(record);
        }

        @Override
        public int recordLength(int run, int record) {
            return runs.get(run).records.get(record).length;
        }

        @Override
        public int intactCount(int run, int from, int to) {
            return to - from;
        }
    }
}
