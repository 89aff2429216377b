package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.PresenceView;
import io.freshet.client.PresenceWatch;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.EnterGroups;
import io.freshet.protocol.v1.GroupsEntered;
import io.freshet.protocol.v1.PresenceMode;
import io.freshet.protocol.v1.PresenceSet;
import io.freshet.protocol.v1.PresenceState;
import io.freshet.protocol.v1.PresenceUpdate;
import io.freshet.protocol.v1.SetPresence;
import io.freshet.protocol.v1.WatchGroup;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Presence as clients have it, over sockets. */
@Timeout(60)
class PresenceTest {
    private final LinkedBlockingQueue<PresenceView> views = new LinkedBlockingQueue<>();
    private final Set<String> hidden = ConcurrentHashMap.newKeySet();
    private final CountDownLatch isAsked = new CountDownLatch(1);
    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private FreshetEngine engine;

    @BeforeEach
    void start() {
        hidden.add("secret");
        engine = FreshetEngine.start(EngineConfig.builder()
                .storage(MemoryStorage.open(
                        new MemoryDisk(), StorageConfig.builder().shardCount(1).build()))
                .listen(Endpoint.tcp(0))
                .authenticator(Authenticator.anonymous())
                .accessPolicy(this::access)
                .build());
    }

    private Access access(Principal principal, String channel, boolean exists) {
        if (channel.equals("slow")) {
            isAsked.countDown();
            try {
                mayAnswer.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return hidden.contains(channel) ? Access.NONE : Access.ALL;
    }

    @AfterEach
    void close() {
        mayAnswer.countDown();
        engine.close();
    }

    private FreshetClient connect(String name) {
        return FreshetClient.connect(config(name).build());
    }

    private ClientConfig.Builder config(String name) {
        return ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .backOff(Duration.ofMillis(1), Duration.ofMillis(50))
                .token(name);
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private PresenceView awaitView(Predicate<PresenceView> wanted) throws InterruptedException {
        PresenceView view;
        do {
            view = Objects.requireNonNull(views.poll(30, TimeUnit.SECONDS), "no such view came");
        } while (!wanted.test(view));
        return view;
    }

    private static PresenceState state(PresenceView view, String name) {
        return view.members().stream()
                .filter(member -> member.getName().equals(name))
                .findAny()
                .map(member -> member.getState())
                .orElse(PresenceState.PRESENCE_STATE_OFFLINE);
    }

    @Test
    void shouldShowOthersToWhoLooks() throws InterruptedException {
        try (FreshetClient alice = connect("alice");
                FreshetClient bob = connect("bob")) {
            assertEquals(Set.of("secret"), await(bob.presence().enter(Set.of("lobby", "secret"))));
            try (PresenceWatch watch =
                    await(alice.presence().watch("lobby", 0, 10, Set.of(bob.principal()), views::add))) {
                assertEquals(PresenceState.PRESENCE_STATE_ACTIVE, state(watch.view(), "bob"));
                await(bob.presence().idle(true));
                awaitView(view -> state(view, "bob") == PresenceState.PRESENCE_STATE_IDLE);
                await(bob.presence().mode(PresenceMode.PRESENCE_MODE_DO_NOT_DISTURB));
                await(bob.presence().status("in a meeting"));
                PresenceView view = awaitView(each -> each.members().stream()
                        .anyMatch(member -> member.getStatus().equals("in a meeting")));
                assertEquals(PresenceState.PRESENCE_STATE_DO_NOT_DISTURB, state(view, "bob"));
                assertEquals(1, view.counts().getDoNotDisturb());
                await(bob.presence().enter(Set.of()));
                awaitView(each -> each.members().isEmpty());
            }
        }
    }

    @Test
    void shouldSayEverythingAgainOnTheNextSessionAndNotFlicker() throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(engine.addresses().get(0));
                FreshetClient alice = connect("alice");
                FreshetClient bob = FreshetClient.connect(
                        config("bob").server("127.0.0.1", proxy.port()).build())) {
            LinkedBlockingQueue<PresenceView> ofBob = new LinkedBlockingQueue<>();
            await(bob.presence().enter(Set.of("lobby")));
            await(bob.presence().idle(true));
            await(bob.presence().watch("lobby", 0, 10, Set.of(), ofBob::add));
            await(alice.presence().watch("lobby", 0, 10, Set.of(), views::add));
            views.clear();
            ofBob.clear();
            proxy.cut();
            PresenceView again = Objects.requireNonNull(ofBob.poll(30, TimeUnit.SECONDS));
            assertEquals(PresenceState.PRESENCE_STATE_IDLE, state(again, "bob"));
            await(alice.presence().enter(Set.of("lobby")));
            PresenceView view = awaitView(each -> state(each, "alice") == PresenceState.PRESENCE_STATE_ACTIVE);
            assertEquals(PresenceState.PRESENCE_STATE_IDLE, state(view, "bob"));
            assertTrue(views.isEmpty());
        }
    }

    @Test
    void shouldEndWhatMayNotBeSeenOnTheNextSession() throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(engine.addresses().get(0));
                FreshetClient alice = FreshetClient.connect(
                        config("alice").server("127.0.0.1", proxy.port()).build())) {
            assertTrue(await(alice.presence().join("lobby")));
            assertFalse(await(alice.presence().join("secret")));
            await(alice.presence().watch("lobby", 0, 10, Set.of(), views::add));
            hidden.add("lobby");
            proxy.cut();
            assertTrue(awaitView(PresenceView::isEnded).members().isEmpty());
            hidden.clear();
            PresenceWatch again = await(alice.chat("lobby").presence(10, views::add));
            assertEquals(PresenceState.PRESENCE_STATE_ACTIVE, state(again.view(), "alice"));
            await(alice.presence().leave("lobby"));
            awaitView(view -> view.members().isEmpty());
        }
    }

    @Test
    void shouldNotGoByAnAnswerFromBeforeARevocation() throws InterruptedException {
        try (FreshetClient alice = connect("alice")) {
            CompletionStage<Set<String>> refused = alice.presence().enter(Set.of("lobby", "slow"));
            isAsked.await();
            hidden.add("lobby");
            await(engine.revoke(alice.principal(), "lobby"));
            mayAnswer.countDown();
            assertEquals(Set.of("lobby"), await(refused));
        }
    }

    @Test
    void shouldRefuseBeforeItAsksWhatNoServerTakes() {
        try (FreshetClient alice = connect("alice")) {
            for (CompletionStage<?> refused : List.of(
                    alice.presence().status("é".repeat(65)),
                    alice.presence().join(""),
                    alice.presence().watch("g", 0, 101, Set.of(), views::add))) {
                CompletionException failure = assertThrows(CompletionException.class, () -> await(refused));
                assertEquals(
                        ErrorCode.INVALID_ARGUMENT,
                        ((FreshetException) Objects.requireNonNull(failure.getCause())).code());
            }
            await(alice.presence().status("still to be told"));
        }
    }

    @Test
    void shouldTellThatTheRightWasTakenBack() throws InterruptedException {
        try (FreshetClient alice = connect("alice")) {
            await(alice.presence().enter(Set.of("lobby")));
            await(alice.presence().watch("lobby", 0, 10, Set.of(), views::add));
            await(engine.revoke(alice.principal(), "lobby"));
            assertTrue(awaitView(PresenceView::isEnded).members().isEmpty());
        }
    }

    private static <A extends MessageLite> void assertRefused(
            ErrorCode code, FreshetClient client, String method, MessageLite request, Parser<A> answer) {
        CompletionException failure = assertThrows(
                CompletionException.class,
                () -> await(client.request("freshet.v1.Presence/" + method, request, answer)));
        assertEquals(code, ((FreshetException) Objects.requireNonNull(failure.getCause())).code());
    }

    private static void assertRefused(ErrorCode code, FreshetClient client, WatchGroup.Builder request) {
        assertRefused(code, client, "Watch", request.build(), PresenceUpdate.parser());
    }

    @Test
    void shouldRefuseWhatIsOutsideItsLimits() {
        try (FreshetClient alice = connect("alice")) {
            SetPresence.Builder set = SetPresence.newBuilder();
            for (String status : new String[] {"é".repeat(65), "a\nb"}) {
                assertRefused(
                        ErrorCode.INVALID_ARGUMENT,
                        alice,
                        "Set",
                        set.setStatus(status).build(),
                        PresenceSet.parser());
            }
            assertRefused(
                    ErrorCode.INVALID_ARGUMENT,
                    alice,
                    "Set",
                    SetPresence.newBuilder().setModeValue(9).build(),
                    PresenceSet.parser());
            EnterGroups.Builder groups = EnterGroups.newBuilder();
            IntStream.range(0, 101).forEach(i -> groups.addGroup("g" + i));
            assertRefused(ErrorCode.INVALID_ARGUMENT, alice, "Enter", groups.build(), GroupsEntered.parser());
            assertRefused(
                    ErrorCode.INVALID_ARGUMENT,
                    alice,
                    "Enter",
                    EnterGroups.newBuilder().addGroup("").build(),
                    GroupsEntered.parser());
            WatchGroup.Builder watch = WatchGroup.newBuilder();
            assertRefused(ErrorCode.INVALID_ARGUMENT, alice, watch);
            assertRefused(ErrorCode.INVALID_ARGUMENT, alice, watch.setGroup("g").setCount(101));
            assertRefused(ErrorCode.INVALID_ARGUMENT, alice, watch.setCount(0).setFirst(-1));
            assertRefused(
                    ErrorCode.INVALID_ARGUMENT,
                    alice,
                    watch.setFirst(0)
                            .addAllUsers(LongStream.range(0, 1_001).boxed().toList()));
            assertRefused(
                    ErrorCode.UNKNOWN_CHANNEL, alice, WatchGroup.newBuilder().setGroup("secret"));
            for (int i = 0; i < 16; i++) {
                await(alice.presence().watch("g" + i, 0, 0, Set.of(), views::add));
            }
            assertRefused(
                    ErrorCode.LIMIT_REACHED, alice, WatchGroup.newBuilder().setGroup("g16"));
            await(alice.presence().watch("g15", 0, 1, Set.of(), views::add));
            // Told at each look of the service, not at each change.
            while (engine.metrics().sum("presence.users") != 1) {
                Thread.onSpinWait();
            }
        }
    }
}
