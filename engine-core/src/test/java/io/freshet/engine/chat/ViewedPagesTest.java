package io.freshet.engine.chat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.Page;
import io.freshet.client.PostState;
import io.freshet.client.StoredRecord;
import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig;
import io.freshet.engine.FreshetEngine;
import io.freshet.engine.Principal;
import io.freshet.log.Durability;
import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Reaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of a whole server that tell what has become of their posts, over a socket and within the process. */
@Timeout(120)
class ViewedPagesTest {
    private static final String NAME = "lobby";
    private static final int EVENT_COUNT = 600;

    private final MemoryDisk disk = new MemoryDisk();

    private static StorageConfig config(Duration checkpointInterval) {
        return StorageConfig.builder()
                .shardCount(1)
                .syncInterval(Duration.ofMillis(5))
                .checkpointInterval(checkpointInterval)
                .build();
    }

    private interface Frames {
        byte[] frame(long channel, int index);
    }

    /** Writes a log as a server leaves it. */
    private long write(int count, Frames frames) {
        try (MemoryStorage storage = MemoryStorage.open(disk, config(Duration.ofSeconds(1)))) {
            long channel = storage.channels().findOrCreate(NAME);
            MessageLog log = storage.log(0);
            log.attach(channel, MessageLog.NULL_POSITION);
            LogBatch batch = new LogBatch();
            for (int i = 0; i < count; i++) {
                UnsafeBuffer frame = new UnsafeBuffer(frames.frame(channel, i));
                batch.reset(1_000L * i, Durability.WRITTEN);
                batch.startRun(channel, i + 1, frame, 0);
                batch.addRecord(frame.capacity(), ChatFrames.headLength(frame.byteArray()));
                assertTrue(log.append(batch) > 0);
            }
            return channel;
        }
    }

    private FreshetEngine start() {
        return start(Duration.ofMillis(5));
    }

    private static FreshetClient connect(FreshetEngine engine) {
        return FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .build());
    }

    private FreshetEngine start(Duration checkpointInterval) {
        return FreshetEngine.start(EngineConfig.builder()
                .storage(MemoryStorage.open(disk, config(checkpointInterval)))
                .listen(Endpoint.tcp(0))
                .authenticator(credentials -> new Principal(1, "first"))
                .reactors(1)
                .build());
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    /** Every page of the channel, in one direction. */
    private static List<Page> pages(Channel channel, boolean isBackward, int limit) {
        List<Page> pages = new ArrayList<>();
        long next = isBackward ? 0 : 1;
        do {
            Page page = await(isBackward ? channel.viewBackward(next, limit) : channel.viewForward(next, limit));
            pages.add(page);
            next = page.nextSequence();
        } while (next != 0);
        return pages;
    }

    private static String text(StoredRecord edit) {
        try {
            return Edit.parseFrom(edit.payload()).getContent().getText();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static void check(Channel channel, ChatModel model, long viewer, int limit) {
        for (boolean isBackward : new boolean[] {false, true}) {
            TreeMap<Long, PostState> found = new TreeMap<>();
            List<Long> sequences = new ArrayList<>();
            for (Page page : pages(channel, isBackward, limit)) {
                assertEquals(EVENT_COUNT, page.postsUpTo());
                page.posts().forEach(post -> found.put(post.sequence(), post));
                page.records().forEach(record -> sequences.add(record.sequence()));
            }
            assertEquals(EVENT_COUNT, sequences.stream().distinct().count());
            assertEquals(EVENT_COUNT, sequences.size());
            model.posts(1, EVENT_COUNT).forEach((sequence, post) -> {
                assertEquals(post.isTouched(), found.containsKey(sequence));
                if (post.isTouched()) {
                    assertSame(post, Objects.requireNonNull(found.get(sequence)), viewer);
                }
            });
        }
    }

    private static void assertSame(ChatModel.Fold expected, PostState post, long viewer) {
        assertEquals(expected.isDeleted, post.isDeleted());
        assertEquals(expected.isPinned, post.isPinned());
        List<PostState.ReactionCount> reactions = new ArrayList<>();
        expected.counts()
                .forEach((name, count) -> reactions.add(new PostState.ReactionCount(
                        name, count, expected.users(name).contains(viewer))));
        assertEquals(reactions, post.reactions());
        StoredRecord edit = post.edit();
        if (expected.isDeleted || expected.edits.isEmpty()) {
            assertNull(edit);
            assertEquals(0, post.editedUs());
        } else {
            assertNotNull(edit);
            assertEquals(expected.edits.last(), edit.sequence());
            assertEquals("edit " + edit.sequence(), text(edit));
            assertEquals(edit.timestampUs(), post.editedUs());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void shouldTellWhatHasBecomeOfThePostsOfAPage(long seed) {
        Random random = new Random(seed);
        ChatModel model = new ChatModel();
        write(EVENT_COUNT, (channel, i) -> ChatFrames.frame(channel, model.next(random, 1, 1_000L * (i + 1))));
        try (FreshetEngine engine = start();
                FreshetClient client = connect(engine);
                FreshetClient third = await(engine.connect(new Principal(3, "third")))) {
            check(client.channel(NAME), model, 1, 50);
            check(third.channel(NAME), model, 3, 7);
            Page plain = await(third.channel(NAME).fetchBackward(0, 50));
            assertEquals(List.of(), plain.posts());
            assertEquals(0, plain.postsUpTo());
        }
    }

    /** Whoever changed something sees it at once, though the index has not seen it. */
    @Test
    void shouldTellWhatTheIndexDoesNotKnowYet() {
        try (FreshetEngine engine = start(Duration.ofMinutes(1));
                FreshetClient client = connect(engine)) {
            Channel channel = client.channel(NAME);
            Content.Builder content = Content.newBuilder().setText("first");
            long post = publish(channel, EventKind.POST, content.build());
            content.setText("second");
            Edit edit = Edit.newBuilder().setTarget(post).setContent(content).build();
            publish(channel, EventKind.EDIT, edit);
            Reaction reaction =
                    Reaction.newBuilder().setTarget(post).setReaction("+1").build();
            long last = publish(channel, EventKind.REACT, reaction);
            Page page = await(channel.viewBackward(post, 1));
            assertEquals(last, page.postsUpTo());
            assertEquals(1, page.posts().size());
            PostState told = page.posts().get(0);
            StoredRecord record = told.edit();
            assertNotNull(record);
            assertEquals("second", text(record));
            assertEquals(List.of(new PostState.ReactionCount("+1", 1, true)), told.reactions());
            publish(
                    channel,
                    EventKind.DELETE,
                    Deletion.newBuilder().setTarget(post).build());
            PostState gone = await(channel.viewBackward(post, 1)).posts().get(0);
            assertEquals(new PostState(post, 0, null, true, false, List.of(), null), gone);
        }
    }

    private static long publish(Channel channel, EventKind kind, MessageLite payload) {
        return await(channel.publish(kind.code(), payload.toByteArray())).sequence();
    }

    /** Long edits make short pages, and none is left out. */
    @Test
    void shouldCutAPageWhereItsViewsAreLong() {
        int postCount = 60;
        String text = "x".repeat(6_000);
        write(2 * postCount, (channel, i) -> {
            boolean isPost = i < postCount;
            EventKind kind = isPost ? EventKind.POST : EventKind.EDIT;
            ChatEvent event = new ChatEvent(kind, i + 1, i + 1, 1, isPost ? 0 : i + 1 - postCount, "");
            Content.Builder content = Content.newBuilder().setText(isPost ? "short" : text + i);
            Edit edit = Edit.newBuilder()
                    .setTarget(event.target())
                    .setContent(content)
                    .build();
            return ChatFrames.frame(channel, event, isPost ? content.build() : edit);
        });
        try (FreshetEngine engine = start();
                FreshetClient client = await(engine.connect(new Principal(3, "third")))) {
            for (boolean isBackward : new boolean[] {false, true}) {
                List<Page> pages = pages(client.channel(NAME), isBackward, postCount);
                TreeMap<Long, String> texts = new TreeMap<>();
                List<Long> sequences = new ArrayList<>();
                for (Page page : pages) {
                    page.records().forEach(record -> sequences.add(record.sequence()));
                    for (PostState post : page.posts()) {
                        StoredRecord edit = post.edit();
                        assertNotNull(edit);
                        texts.put(post.sequence(), text(edit));
                    }
                    assertTrue(
                            page.posts().size() <= 11,
                            "a page with " + page.posts().size() + " long edits");
                }
                sequences.sort(null);
                long[] all = sequences.stream().mapToLong(Long::longValue).toArray();
                assertArrayEquals(LongStream.rangeClosed(1, 2L * postCount).toArray(), all);
                assertEquals(postCount, texts.size());
                texts.forEach((post, said) -> assertEquals(text + (post - 1 + postCount), said));
            }
        }
    }

    /** The index stands still, and what came since is long. */
    @Test
    void shouldFollowTheLogNoFurtherThanAMegabyte() {
        int length = 30_000;
        int count = 100;
        int bound = 1024 * 1024;
        try (FreshetEngine engine = start(Duration.ofMinutes(1));
                FreshetClient client = await(engine.connect(new Principal(3, "third")))) {
            Channel channel = client.channel(NAME);
            long head = 0;
            for (int i = 0; i < count; i++) {
                head = await(channel.publish(new byte[length])).sequence();
            }
            Page page = await(channel.viewForward(1, 1));
            assertEquals(1, page.records().size());
            assertTrue(page.postsUpTo() < head, "all of it is followed, up to " + page.postsUpTo());
            assertTrue(page.postsUpTo() >= bound / (length + 1_000), "followed up to " + page.postsUpTo());
            assertTrue(page.postsUpTo() <= 2L * bound / length, "followed up to " + page.postsUpTo());
        }
    }
}
