package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.Receipt;
import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.ConversationListener;
import io.freshet.client.chat.Draft;
import io.freshet.client.chat.FollowedConversation;
import io.freshet.client.chat.ReactionCount;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several people at once, over real sockets, write, edit, delete, react and pin at random, also what others touch in the same moment,
 * while readers follow, one of whom loses its connection again and again. In the end all of them see the same, and so does who comes
 * then. {@code -Dfreshet.chat.operations=10000} is the long form.
 */
@Timeout(300)
final class ConversationsTest {
    private static final int OPERATION_COUNT = Integer.getInteger("freshet.chat.operations", 1_200);
    private static final int TALKER_COUNT = 4;
    private static final int READER_COUNT = 3;
    private static final int IN_FLIGHT_COUNT = 16;
    private static final int CUT_EVERY = 250;
    private static final int WINDOW_COUNT = 600;
    private static final String LAST = "that was all";
    private static final String[] REACTIONS = {"a", "b", "👍", "🌊"};

    /** What two people who act at once must expect. */
    private static final Set<ErrorCode> REFUSALS = EnumSet.of(
            ErrorCode.NO_SUCH_POST,
            ErrorCode.POST_DELETED,
            ErrorCode.FORBIDDEN,
            ErrorCode.ALREADY_SO,
            ErrorCode.TOO_MANY);

    @TempDir
    private Path directory;

    private final List<FreshetClient> clients = new ArrayList<>();

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(120, TimeUnit.SECONDS).join();
    }

    @Test
    void shouldBeTheSameForAllWhoFollowAndForWhoComesThen() throws InterruptedException {
        EngineConfig config = EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .build();
        try (FreshetEngine engine = FreshetEngine.start(config);
                CuttingProxy network = new CuttingProxy(engine.addresses().get(0))) {
            int port = engine.addresses().get(0).getPort();
            List<Reader> readers = new ArrayList<>();
            for (int i = 0; i < READER_COUNT; i++) {
                readers.add(new Reader(connect("reader", i == 0 ? network.port() : port)));
            }
            List<Talker> talkers = new ArrayList<>();
            for (int i = 0; i < TALKER_COUNT; i++) {
                talkers.add(new Talker(i, connect("talker " + i, port)));
            }
            for (int i = 0; i < OPERATION_COUNT; i++) {
                talkers.get(i % TALKER_COUNT).act();
                if (i % CUT_EVERY == CUT_EVERY - 1) {
                    network.cut();
                }
            }
            Map<ErrorCode, Integer> refused = new EnumMap<>(ErrorCode.class);
            for (Talker talker : talkers) {
                talker.finish().forEach((code, count) -> refused.merge(code, count, Integer::sum));
            }
            await(clients.get(READER_COUNT).chat("lobby").send(LAST));

            List<ChatMessage> fresh = fresh(port);
            assertTrue(fresh.stream().anyMatch(ChatMessage::isEdited), "nothing was edited");
            assertTrue(fresh.stream().anyMatch(ChatMessage::isDeleted), "nothing was deleted");
            boolean isFull = refused.containsKey(ErrorCode.TOO_MANY); // fifty before these are pinned, in the long form
            assertTrue(isFull || fresh.stream().anyMatch(ChatMessage::isPinned), "nothing was pinned");
            assertTrue(fresh.stream().anyMatch(each -> each.reactions().size() > 1), "nobody reacted");
            assertTrue(REFUSALS.containsAll(refused.keySet()), () -> "refused: " + refused);
            assertTrue(fresh.stream().anyMatch(each -> each.replyTo() != 0), "nobody answered");
            assertTrue(fresh.stream().anyMatch(each -> each.content().getMentionsCount() > 0), "nobody was named");
            for (Reader reader : readers) {
                assertEquals(fresh, last(reader.await(), fresh.size()));
            }
            assertEquals(fresh, last(backwards(port), fresh.size()));
            for (Talker talker : talkers) {
                assertEquals(seenByAnybody(fresh), seenByAnybody(last(talker.reader.await(), fresh.size())));
            }
        } finally {
            clients.forEach(FreshetClient::close);
        }
    }

    /** What a reader sees who comes when all is over. */
    private List<ChatMessage> fresh(int port) {
        List<ChatMessage> all = await(connect("reader", port).chat("lobby").history(WINDOW_COUNT));
        return last(all, Math.min(WINDOW_COUNT, all.size()));
    }

    /** What one sees who comes when all is over, and reads back page by page. */
    private List<ChatMessage> backwards(int port) {
        FollowedConversation late =
                await(connect("reader", port).chat("lobby").follow(10, new ConversationListener() {}));
        boolean isMore = true;
        while (isMore && late.conversation().messages().size() < WINDOW_COUNT) {
            isMore = !await(late.earlier(40)).isEmpty();
        }
        return late.conversation().messages();
    }

    private static List<ChatMessage> last(List<ChatMessage> messages, int count) {
        return messages.subList(Math.max(0, messages.size() - count), messages.size());
    }

    /** Without whose reactions they are. */
    private static List<ChatMessage> seenByAnybody(List<ChatMessage> messages) {
        return messages.stream()
                .map(each -> {
                    TreeMap<String, ReactionCount> reactions = new TreeMap<>();
                    each.reactions()
                            .forEach((name, count) -> reactions.put(name, new ReactionCount(count.count(), false)));
                    return new ChatMessage(
                            each.sequence(),
                            each.sender(),
                            each.timestampUs(),
                            each.content(),
                            each.editedUs(),
                            each.isDeleted(),
                            each.isErased(),
                            each.isPinned(),
                            reactions);
                })
                .toList();
    }

    private FreshetClient connect(String token, int port) {
        FreshetClient client = FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", port)
                .token(token)
                .backOff(Duration.ofMillis(5), Duration.ofMillis(50))
                .build());
        clients.add(client);
        return client;
    }

    /** Follows the channel from its beginning. */
    private static final class Reader implements ConversationListener {
        private final CountDownLatch hasSeenAll = new CountDownLatch(1);
        private final FollowedConversation followed;

        Reader(FreshetClient client) {
            followed = ConversationsTest.await(client.chat("lobby").follow(WINDOW_COUNT, this));
        }

        @Override
        public void onMessage(ChatMessage message) {
            if (message.text().equals(LAST)) {
                hasSeenAll.countDown();
            }
        }

        /** What it sees, once everything was said. */
        List<ChatMessage> await() throws InterruptedException {
            assertTrue(hasSeenAll.await(120, TimeUnit.SECONDS), "the last message has not come");
            return followed.conversation().messages();
        }
    }

    /** Does something at random, mostly to what was said lately. */
    private static final class Talker {
        private final SplittableRandom random;
        private final ChatChannel channel;
        private final Reader reader;
        private final Semaphore room = new Semaphore(IN_FLIGHT_COUNT);
        private final List<CompletableFuture<Receipt>> answers = new ArrayList<>();

        Talker(int seed, FreshetClient client) {
            random = new SplittableRandom(seed);
            channel = client.chat("lobby");
            reader = new Reader(client);
        }

        void act() throws InterruptedException {
            assertTrue(room.tryAcquire(120, TimeUnit.SECONDS), "an answer has not come");
            CompletableFuture<Receipt> answer = operation().toCompletableFuture();
            CompletableFuture<?> unused = answer.whenComplete((receipt, failure) -> room.release());
            answers.add(answer);
        }

        private CompletionStage<Receipt> operation() {
            List<ChatMessage> known = last(reader.followed.conversation().messages(), 20);
            String text = "text " + random.nextInt(1_000_000);
            if (known.isEmpty()) {
                return channel.send(text);
            }
            ChatMessage message = known.get(random.nextInt(known.size()));
            switch (random.nextInt(9)) {
                case 0 -> {
                    return channel.send(text);
                }
                case 1 -> {
                    return channel.reply(message.sequence(), text);
                }
                case 2 -> {
                    Draft draft = Draft.of(text).mention(message.sender());
                    return channel.send(random.nextBoolean() ? draft.mentionEveryone() : draft);
                }
                default -> {
                    return change(message);
                }
            }
        }

        private CompletionStage<Receipt> change(ChatMessage message) {
            String reaction = REACTIONS[random.nextInt(REACTIONS.length)];
            return switch (random.nextInt(12)) {
                case 0, 1, 2 -> channel.edit(message.sequence(), "edit " + random.nextInt(1_000_000));
                case 3 -> channel.delete(message.sequence());
                case 4 -> channel.pin(message.sequence());
                case 5 -> channel.unpin(message.sequence());
                case 6, 7 -> channel.unreact(message.sequence(), reaction);
                default -> channel.react(message.sequence(), reaction);
            };
        }

        /** Waits for every answer; how often which code was among them. */
        Map<ErrorCode, Integer> finish() {
            Map<ErrorCode, Integer> refused = new EnumMap<>(ErrorCode.class);
            for (CompletableFuture<Receipt> answer : answers) {
                try {
                    ConversationsTest.await(answer);
                } catch (CompletionException e) {
                    refused.merge(((FreshetException) Objects.requireNonNull(e.getCause())).code(), 1, Integer::sum);
                }
            }
            return refused;
        }
    }
}
