package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.Page;
import io.freshet.client.StoredRecord;
import io.freshet.client.ThreadState;
import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.ChatThread;
import io.freshet.client.chat.ConversationListener;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages tell of threads, which lie on shards of their own, over sockets. */
@Timeout(120)
class ThreadViewsTest {
    private static final int STEP_COUNT = 300;
    private static final int THREAD_COUNT = 6;
    private static final int USER_COUNT = 8;

    private final List<FreshetClient> clients = new ArrayList<>();

    @TempDir
    private Path directory;

    /** Started by each test. */
    @SuppressWarnings("NullAway.Init")
    private FreshetEngine engine;

    private void start(int checkpointMs) {
        engine = FreshetEngine.start(EngineConfig.builder()
                .storage(ChronicleStorage.open(
                        directory.resolve("data"),
                        StorageConfig.builder()
                                .minFreeLength(0)
                                .shardCount(4)
                                .syncInterval(Duration.ofMillis(5))
                                .checkpointInterval(Duration.ofMillis(checkpointMs))
                                .build()))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .authenticator(credentials -> {
                    String name = new String(credentials.token(), StandardCharsets.UTF_8);
                    return new Principal(Long.parseLong(name), name);
                })
                .build());
    }

    @AfterEach
    void close() {
        clients.forEach(FreshetClient::close);
        if (engine != null) {
            engine.close();
        }
    }

    private FreshetClient connect(long user) {
        FreshetClient client = FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .token(Long.toString(user).getBytes(StandardCharsets.UTF_8))
                .build());
        clients.add(client);
        return client;
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static Map<Long, ThreadState> threads(ChatChannel channel) {
        return await(channel.threads(1_000)).stream().collect(Collectors.toMap(ChatThread::post, ChatThread::state));
    }

    private static List<StoredRecord> records(Channel channel) {
        List<StoredRecord> records = new ArrayList<>();
        long next = 1;
        do {
            Page page = await(channel.fetchForward(next, 1_000));
            records.addAll(page.records());
            next = page.nextSequence();
        } while (next != 0);
        return records;
    }

    private static ThreadState after(ThreadState state, List<StoredRecord> records) {
        ThreadState now = state;
        for (StoredRecord record : records) {
            now = now.after(record);
        }
        return now;
    }

    /** With an index that is behind by little and by much. */
    @ParameterizedTest
    @ValueSource(ints = {5, 400})
    void shouldComeToTheSameFromAnyViewAndTheRecordsAfterIt(int checkpointMs) {
        start(checkpointMs);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<FreshetClient> users = new ArrayList<>();
        for (long user = 1; user <= USER_COUNT; user++) {
            users.add(connect(user));
        }
        ChatChannel lobby = users.get(0).chat("lobby");
        List<Long> posts = new ArrayList<>();
        Map<Long, List<Long>> replies = new TreeMap<>();
        for (int i = 0; i < THREAD_COUNT; i++) {
            long post = await(lobby.send("topic " + i)).sequence();
            await(lobby.startThread(post, "Thread " + i));
            posts.add(post);
            replies.put(post, new ArrayList<>());
        }
        List<Map<Long, ThreadState>> seen = new ArrayList<>();
        for (int step = 0; step < STEP_COUNT || !hasReplies(seen); step++) {
            long post = posts.get(random.nextInt(posts.size()));
            List<Long> there = Objects.requireNonNull(replies.get(post));
            ChatChannel thread =
                    await(users.get(random.nextInt(USER_COUNT)).chat("lobby").thread(post));
            if (random.nextInt(4) == 0 && !there.isEmpty()) {
                long gone = there.remove(random.nextInt(there.size()));
                await(thread.delete(gone));
            } else {
                there.add(await(thread.send("reply " + step)).sequence());
            }
            if (step % 10 == 0) {
                seen.add(threads(lobby));
            }
        }
        Map<Long, ThreadState> last = new TreeMap<>();
        for (long post : posts) {
            List<StoredRecord> records = records(await(lobby.thread(post)).channel());
            ThreadState fresh =
                    fresh(lobby, post, records.get(records.size() - 1).sequence());
            assertEquals(Objects.requireNonNull(replies.get(post)).size(), fresh.replyCount(), "seed " + seed);
            last.put(post, fresh);
            for (Map<Long, ThreadState> each : seen) {
                ThreadState then = Objects.requireNonNull(each.get(post));
                assertEquals(fresh, after(then, records), "from " + then + ", seed " + seed);
            }
        }
        assertEquals(
                THREAD_COUNT,
                last.values().stream().map(ThreadState::channel).distinct().count());
    }

    private static boolean hasReplies(List<Map<Long, ThreadState>> seen) {
        return seen.stream().flatMap(each -> each.values().stream()).anyMatch(each -> each.replyCount() > 0);
    }

    /** As the index knows it once it has caught up. */
    private static ThreadState fresh(ChatChannel channel, long post, long head) {
        ThreadState state;
        do {
            state = Objects.requireNonNull(threads(channel).get(post));
        } while (state.upTo() < head);
        return state;
    }

    @Test
    void shouldTellOfAThreadAtOnceAndNoMoreWhenItIsDeleted() throws InterruptedException {
        start(60_000);
        FreshetClient ann = connect(1);
        ChatChannel lobby = ann.chat("lobby");
        long post = await(lobby.send("what about it")).sequence();
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        await(connect(2).chat("lobby").follow(10, new ConversationListener() {
            @Override
            public void onThread(long of, long thread, String title, long user) {
                told.add(title + " of " + of + " by " + user);
            }
        }));
        assertEquals(Map.of(), threads(lobby));
        ChatChannel absent = await(lobby.thread(post));
        CompletionException refused = assertThrows(CompletionException.class, () -> await(absent.send("into nothing")));
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL,
                assertInstanceOf(FreshetException.class, refused.getCause()).code());

        ChatChannel thread = await(lobby.startThread(post, "About it"));
        assertEquals("About it of " + post + " by 1", told.poll(30, TimeUnit.SECONDS));
        ThreadState state = Objects.requireNonNull(threads(lobby).get(post));
        long id = await(thread.channel().open()).id();
        assertEquals(id, state.channel(), "though the index knows of nothing");
        assertEquals("About it", state.title());
        assertEquals("~thread/" + await(lobby.channel().open()).id() + "/" + post, thread.name());
        await(await(connect(2).chat("lobby").thread(post)).send("I say this"));
        await(lobby.delete(post));
        assertEquals(1, await(thread.history(10)).size(), "a thread outlives what its post said");

        assertNotEquals(Map.of(), threads(lobby));
        restart();
        ChatChannel again = connect(1).chat("lobby");
        ThreadState kept = Objects.requireNonNull(threads(again).get(post));
        assertEquals(1, kept.replyCount());
        assertEquals(List.of(2L), kept.participants());
        await(clients.get(clients.size() - 1).channels().delete(id));
        restart();
        assertNull(threads(connect(1).chat("lobby")).get(post));
    }

    private void restart() {
        clients.forEach(FreshetClient::close);
        clients.clear();
        engine.close();
        start(60_000);
    }
}
