package io.freshet.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.log.ChannelTail;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogBatch;
import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.log.MessageLog;
import io.freshet.log.Retention;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.protocol.v1.PostView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the views of a storage must tell, whatever happens to it meanwhile: what {@link ChatModel} folds from the same events, as far
 * as they were indexed and are kept.
 */
@Timeout(120)
public abstract class ChatViewsContract {
    private static final long MINUTE_NS = 60_000_000_000L;
    private static final long[] CHANNELS = {4, 8};

    private final AtomicLong nowNs = new AtomicLong(1_700_000_000_000_000_000L);
    private final UnsafeBuffer frames = new UnsafeBuffer(ByteBuffer.allocateDirect(1 << 16));
    private final LogBatch batch = new LogBatch();
    private final TreeMap<Long, ChatModel> models = new TreeMap<>();
    private final TreeMap<Long, List<byte[]>> written = new TreeMap<>();
    private final Failing failing = new Failing();
    private @Nullable Storage storage;
    private String where = "";
    private long expiredEditCount;

    /** Opens the storage of this test, a second time after it was closed. */
    abstract Storage open(StorageConfig config);

    /** Loses the index of the closed storage. */
    abstract void dropIndex();

    /** Fails one checkpoint after the views have put theirs. */
    private static final class Failing implements LogFollower {
        boolean isArmed;

        @Override
        public int id() {
            return 99;
        }

        @Override
        public void onDocument(LogDocument document) {
            // Follows nothing.
        }

        @Override
        public void onCheckpoint(StateWriter writer) {
            if (isArmed) {
                isArmed = false;
                throw new IllegalStateException("a checkpoint that the test fails");
            }
        }

        @Override
        public void onRollback() {
            // Keeps nothing.
        }
    }

    @AfterEach
    void closeStorage() {
        if (storage != null) {
            storage.close();
        }
    }

    private Storage start(Retention retention) {
        Storage opened = open(StorageConfig.builder()
                .shardCount(1)
                .minFreeLength(0)
                .indexMapLength(1 << 20)
                .retention(retention)
                .nanoClock(nowNs::get)
                .epochMsClock(() -> nowNs.get() / 1_000_000)
                .build());
        storage = opened;
        opened.index(0).addFollower(new ChatFollower());
        opened.index(0).addFollower(failing);
        opened.index(0).catchUp();
        try (IndexReader reader = opened.index(0).openReader()) {
            ChannelTail tail = new ChannelTail();
            for (long channel : CHANNELS) {
                long last = reader.tail(channel, tail) ? tail.lastPosition : MessageLog.NULL_POSITION;
                opened.log(0).attach(channel, last);
            }
        }
        return opened;
    }

    private void append(Storage opened, long channel, int count, Random random) {
        ChatModel model = models.computeIfAbsent(channel, key -> new ChatModel());
        long timeUs = nowNs.get() / 1_000;
        batch.reset(timeUs, Durability.SYNCED);
        batch.startRun(channel, model.head() + 1, frames, 0);
        int at = 0;
        long first = firstKept(opened, channel);
        for (int i = 0; i < count; i++) {
            byte[] frame = ChatFrames.frame(channel, model.next(random, first, timeUs));
            written.computeIfAbsent(channel, key -> new ArrayList<>()).add(frame);
            frames.putBytes(at, frame);
            at += frame.length;
            batch.addRecord(frame.length, ChatFrames.headLength(frame));
        }
        assertTrue(opened.log(0).append(batch) > 0, where);
    }

    /** One look of each agent and of the log's owner, until all rest. */
    private void settle(Storage opened) throws Exception {
        int workCount;
        do {
            workCount = opened.log(0).appendRequested();
            for (Agent agent : opened.agents()) {
                workCount += agent.doWork();
            }
        } while (workCount > 0);
    }

    private static long firstKept(Storage opened, long channel) {
        try (IndexReader reader = opened.index(0).openReader()) {
            ChannelTail tail = new ChannelTail();
            return reader.tail(channel, tail) ? tail.firstSequence : 1;
        }
    }

    private void check(Storage opened) {
        try (IndexReader reader = opened.index(0).openReader()) {
            ChatViews views = new ChatViews(reader);
            for (long channel : CHANNELS) {
                reader.together(() -> {
                    check(views, channel, firstKept(opened, channel));
                    checkContents(reader, channel, firstKept(opened, channel), views.upTo(channel));
                    return channel;
                });
            }
        }
    }

    private void check(ChatViews views, long channel, long first) {
        ChatModel model = models.computeIfAbsent(channel, key -> new ChatModel());
        long upTo = views.upTo(channel);
        NavigableMap<Long, ChatModel.Fold> expected = model.posts(first, upTo);
        checkPosts(views, channel, upTo, expected);
        List<Long> pins = new ArrayList<>();
        expected.forEach((sequence, post) -> {
            if (post.isPinned) {
                pins.add(sequence);
            }
        });
        assertEquals(pins, new ArrayList<>(views.pins(channel)), where);
        for (long after = 0; after <= upTo; after += 1 + upTo / 7) {
            assertEquals(model.unread(first, upTo, after), views.unreadCount(channel, after), where);
            for (long user = 1; user <= 2; user++) {
                assertEquals(
                        Math.min(MentionList.LIMIT, model.mentions(first, upTo, after, user, user + 1)),
                        views.mentionCount(channel, after, user, user + 1),
                        where + " user " + user + " after " + after);
            }
        }
        ChannelSummary summary = views.summary(channel);
        assertEquals(model.unread(first, upTo, 0), summary.count(), where);
        assertEquals(expected.isEmpty() ? 0 : expected.lastKey(), summary.last(), where);
        assertEquals(expected.isEmpty() ? 0 : expected.lastEntry().getValue().timeUs, summary.lastUs(), where);
        assertEquals(model.writers(first, upTo), summary.writers(), where);
        expected.values().removeIf(post -> post.isDeleted);
        assertEquals(expected.isEmpty() ? 0 : expected.lastKey(), views.lastPost(channel), where);
    }

    /** Where a post lies that was deleted is known for as long as any of it is kept, though the post itself has gone; then nothing is. */
    private void checkContents(IndexReader reader, long channel, long first, long upTo) {
        ChatModel model = models.computeIfAbsent(channel, key -> new ChatModel());
        List<Long> expected = new ArrayList<>();
        model.posts(1, upTo).headMap(first).forEach((sequence, post) -> {
            List<Long> edits = new ArrayList<>(post.edits.tailSet(first));
            if (!edits.isEmpty()) {
                expected.add(sequence);
            }
            edits.add(0, sequence);
            List<Long> found = Arrays.stream(PostLookup.contents(reader, channel, sequence))
                    .boxed()
                    .toList();
            assertEquals(edits, found, where + " channel " + channel + " post " + sequence + ", kept from " + first);
            expiredEditCount += edits.size() - 1;
        });
        List<Long> known = new ArrayList<>();
        for (long of : new long[] {0, ChatKeys.PINNED, ChatKeys.USERS}) {
            reader.states(ChatFollower.ID, channel, of, of | (first - 1), (key1, key2, value, offset, length) -> {
                known.add(key1);
            });
        }
        assertEquals(expected, known, where + " channel " + channel + ", kept from " + first);
    }

    private void checkPosts(ChatViews views, long channel, long upTo, NavigableMap<Long, ChatModel.Fold> expected) {
        TreeMap<Long, Post> found = new TreeMap<>();
        views.posts(channel, firstKept(Objects.requireNonNull(storage), channel), upTo, found::put);
        expected.forEach((sequence, post) -> {
            String which = where + " channel " + channel + " post " + sequence;
            assertEquals(post.isTouched(), found.containsKey(sequence), which);
            Post state = views.post(channel, sequence);
            assertEquals(post.isDeleted, state.isDeleted(), which);
            assertEquals(post.isPinned, state.isPinned(), which);
            assertEquals(post.editedUs, state.editedUs(), which);
            assertEquals(post.edits, state.edits(), which);
            assertEquals(post.counts(), state.reactions(), which);
            for (long user = 1; user <= ChatModel.USER_COUNT; user++) {
                OwnReactions own = views.own(channel, sequence, user);
                for (int i = 0; i < 5; i++) {
                    boolean isThere = post.users("r" + i).contains(user);
                    assertEquals(isThere, own.contains("r" + i), which + " user " + user);
                }
            }
        });
        found.keySet().removeAll(expected.keySet());
        assertTrue(found.isEmpty(), where + ": " + found.keySet() + " are no posts that are kept");
    }

    /** What the index tells and the events after it make what all events make. */
    private void checkFollowed(Storage opened, long channel) {
        long first = firstKept(opened, channel);
        ChatModel model = models.computeIfAbsent(channel, key -> new ChatModel());
        for (long viewer = 1; viewer <= 2; viewer++) {
            PageViews views;
            try (IndexReader reader = opened.index(0).openReader()) {
                views = PageViews.read(reader, channel, first, model.head(), viewer);
            }
            ByteBuf tail = Unpooled.buffer();
            for (long i = views.upTo(); i < model.head(); i++) {
                tail.writeBytes(written.getOrDefault(channel, List.of()).get((int) i));
            }
            views.follow(tail);
            views.followedUpTo(model.head());
            tail.release();
            assertEquals(model.head(), views.upTo(), where);
            for (var each : model.posts(first, model.head()).entrySet()) {
                assertEquals(each.getValue().isTouched(), views.isChanged(each.getKey()), where);
                if (each.getValue().isTouched()) {
                    PostView view = views.view(each.getKey(), ByteString.EMPTY);
                    assertEquals(each.getValue().view(each.getKey(), viewer), view, where);
                }
            }
        }
    }

    /** Checkpoints, checkpoints that fail, restarts and indexes that are lost, at any moment. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldTellWhatTheEventsCameTo(long seed) throws Exception {
        where = "seed " + seed;
        Random random = new Random(seed);
        Storage opened = start(Retention.NONE);
        for (int i = 0; i < 120; i++) {
            append(opened, CHANNELS[random.nextInt(CHANNELS.length)], 1 + random.nextInt(12), random);
            nowNs.addAndGet(MINUTE_NS / 60);
            failing.isArmed |= random.nextInt(10) == 0;
            if (random.nextInt(3) == 0) {
                settle(opened);
            }
            if (random.nextInt(15) == 0) {
                failing.isArmed = false;
                opened.close();
                if (random.nextInt(3) == 0) {
                    dropIndex();
                }
                opened = start(Retention.NONE);
            }
            if (i % 4 == 0) {
                check(opened);
                for (long channel : CHANNELS) {
                    checkFollowed(opened, channel);
                }
            }
        }
        failing.isArmed = false;
        nowNs.addAndGet(MINUTE_NS);
        settle(opened);
        check(opened);
        for (long channel : CHANNELS) {
            try (IndexReader reader = opened.index(0).openReader()) {
                assertEquals(
                        Objects.requireNonNull(models.get(channel)).head(), new ChatViews(reader).upTo(channel), where);
            }
        }
    }

    /** Files of the log go, and with them posts; an index that is built anew comes to the same by the snapshots. */
    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void shouldKeepWhatIsToldOfTheRecordsThatAreKept(long seed) throws Exception {
        where = "seed " + seed;
        Random random = new Random(seed);
        Retention retention = Retention.of(Duration.ofHours(3), Long.MAX_VALUE);
        Storage opened = start(retention);
        for (int i = 0; i < 240; i++) {
            append(opened, CHANNELS[i < 40 ? random.nextInt(CHANNELS.length) : 0], 1 + random.nextInt(5), random);
            nowNs.addAndGet(3 * MINUTE_NS);
            if (random.nextInt(3) == 0) {
                settle(opened);
                check(opened);
            }
            if (random.nextInt(40) == 0) {
                opened.close();
                if (random.nextInt(2) == 0) {
                    dropIndex();
                }
                opened = start(retention);
                check(opened);
            }
        }
        settle(opened);
        check(opened);
        assertTrue(firstKept(opened, CHANNELS[0]) > 100, where + ": nothing went");
        assertTrue(expiredEditCount > 0, where + ": no edit has outlived its post");
        opened.close();
        dropIndex();
        opened = start(retention);
        check(opened);
    }
}
