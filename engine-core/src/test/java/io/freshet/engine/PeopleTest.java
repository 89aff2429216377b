package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.ConversationListener;
import io.freshet.client.chat.Draft;
import io.freshet.client.chat.FollowedConversation;
import io.freshet.client.chat.Unread;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client offers people, over real sockets. */
@Timeout(120)
final class PeopleTest {
    private static final long ANN = 7;
    private static final long BOB = 8;

    @TempDir
    private Path directory;

    private FreshetEngine engine;
    private final List<FreshetClient> clients = new ArrayList<>();

    @BeforeEach
    void start() {
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .authenticator(credentials -> {
                    long id = Long.parseLong(new String(credentials.token(), StandardCharsets.UTF_8));
                    return new Principal(id, "user " + id);
                })
                .accessPolicy((principal, channel, exists) -> channel.equals("closed") ? Access.NONE : Access.ALL)
                .limits(Limits.builder()
                        .requestsPerSession(Rate.UNLIMITED)
                        .historyPerUser(Rate.UNLIMITED)
                        .build())
                .build());
    }

    @AfterEach
    void close() {
        clients.forEach(FreshetClient::close);
        engine.close();
    }

    private FreshetClient connect(long user) {
        FreshetClient client = FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .token(Long.toString(user))
                .build());
        clients.add(client);
        return client;
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    /** Asks again until the server's views know so much. */
    private static <T> void awaitEqual(T expected, Supplier<CompletionStage<T>> question) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        T told = await(question.get());
        while (!told.equals(expected)) {
            T last = told;
            assertTrue(System.nanoTime() < endNs, () -> "expected " + expected + ", told at last " + last);
            Thread.onSpinWait();
            told = await(question.get());
        }
    }

    private static ErrorCode refusal(CompletionStage<?> stage) {
        CompletionException failure = assertThrows(CompletionException.class, () -> await(stage));
        return assertInstanceOf(FreshetException.class, failure.getCause()).code();
    }

    @Test
    void shouldSayOnEveryDeviceWhatIsUnread() {
        ChatChannel bob = connect(BOB).chat("lobby");
        ChatChannel phone = connect(ANN).chat("lobby");
        ChatChannel desk = connect(ANN).chat("lobby");
        long first = await(bob.send("one")).sequence();
        await(bob.send(Draft.of("look, ann").mention(ANN)));
        long gone = await(bob.send("never mind")).sequence();
        await(bob.delete(gone));
        awaitEqual(new Unread(0, 2, 1), desk::unread);

        await(phone.markRead(first));
        awaitEqual(new Unread(first, 1, 1), desk::unread);
        awaitEqual(new Unread(0, 2, 0), bob::unread);

        await(phone.pin(first));
        awaitEqual(List.of(first), desk::pins);
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL, refusal(connect(ANN).chat("closed").unread()));
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL, refusal(connect(ANN).chat("closed").pins()));
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL, refusal(connect(ANN).chat("closed").markRead(1)));
    }

    @Test
    void shouldTellOthersWhoIsWriting() throws InterruptedException {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        ChatChannel bob = connect(BOB).chat("lobby");
        ChatChannel ann = connect(ANN).chat("lobby");
        await(ann.follow(10, new ConversationListener() {
            @Override
            public void onTyping(List<Long> users, int userCount) {
                heard.add(users + " " + userCount);
            }
        }));
        await(bob.channel().open());
        ann.typing(true);
        bob.typing(true);
        assertEquals("[8] 1", heard.poll(60, TimeUnit.SECONDS));
        bob.typing(false);
        assertEquals("[] 0", heard.poll(60, TimeUnit.SECONDS));
    }

    @Test
    void shouldReadAllTheWayBackAndBeAsWhoFollowedFromTheStart() {
        ChatChannel bob = connect(BOB).chat("lobby");
        FollowedConversation fromTheStart =
                await(connect(ANN).chat("lobby").follow(900, new ConversationListener() {}));
        List<CompletionStage<?>> said = new ArrayList<>();
        for (int i = 1; i <= 700; i++) {
            said.add(bob.send("text " + i));
            if (i % 100 == 0) {
                said.forEach(PeopleTest::await);
                said.clear();
                long last = await(bob.send("another")).sequence();
                await(bob.edit(last, "edited"));
                await(bob.react(last, "a"));
                await(bob.delete(await(bob.reply(last, "gone")).sequence()));
            }
        }
        FollowedConversation late = await(connect(ANN).chat("lobby").follow(20, new ConversationListener() {}));
        assertEquals(20, late.conversation().messages().size());
        List<ChatMessage> earlier = await(late.earlier(100));
        while (!earlier.isEmpty()) {
            assertTrue(earlier.size() <= 100, () -> "more than was wanted");
            earlier = await(late.earlier(100));
        }
        long last = await(bob.send("that was all")).sequence();
        for (FollowedConversation each : List.of(fromTheStart, late)) {
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (each.conversation().message(last) == null) {
                assertTrue(System.nanoTime() < endNs, "the last message has not come");
                Thread.onSpinWait();
            }
        }
        List<ChatMessage> all = fromTheStart.conversation().messages();
        assertEquals(715, all.size());
        assertEquals(all, late.conversation().messages());

        ChatChannel fresh = connect(ANN).chat("lobby");
        assertEquals(all, await(fresh.history(900)));
        long before = all.get(300).sequence();
        assertEquals(all.subList(250, 300), await(fresh.history(before, 50)));
        assertEquals(List.of(), await(fresh.history(1, 50)));
    }
}
