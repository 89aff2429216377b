package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Service;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Record;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Services of the application, called over sockets by clients of the library. */
@Timeout(60)
class ServicesTest {
    private final List<String> threads = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<Caller> callers = new LinkedBlockingQueue<>();
    private final CompletableFuture<Pong> held = new CompletableFuture<>();
    private FreshetEngine engine;

    @BeforeEach
    void start() {
        engine = FreshetEngine.start(EngineConfig.builder()
                .storage(MemoryStorage.open(
                        new MemoryDisk(), StorageConfig.builder().shardCount(2).build()))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .build());
        engine.service(Service.named("test.Echo")
                .method("Say", Ping.parser(), this::say)
                .method("Held", Ping.parser(), (caller, ping) -> {
                    callers.add(caller);
                    return held;
                })
                .method("Throws", Ping.parser(), (caller, ping) -> {
                    throw new IllegalStateException("a secret of the application");
                })
                .method(
                        "Refuses",
                        Ping.parser(),
                        (caller, ping) -> CompletableFuture.failedStage(
                                FreshetException.refused(ErrorCode.SLOW_MODE, "not so fast", 1_234)))
                .method(
                        "EndsConnections",
                        Ping.parser(),
                        (caller, ping) -> CompletableFuture.failedStage(
                                new FreshetException(ErrorCode.MALFORMED, "a code that ends connections")))
                .method("Nothing", Ping.parser(), (caller, ping) -> CompletableFuture.completedStage(null))
                .method(
                        "TooMuch",
                        Ping.parser(),
                        (caller, ping) -> CompletableFuture.completedStage(Record.newBuilder()
                                .setPayload(ByteString.copyFrom(new byte[70_000]))
                                .build()))
                .timeout(Duration.ofMillis(200))
                .method("Never", Ping.parser(), (caller, ping) -> new CompletableFuture<Pong>())
                .build());
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private CompletionStage<Pong> say(Caller caller, Ping ping) {
        threads.add(Thread.currentThread().getName());
        callers.add(caller);
        return CompletableFuture.completedStage(pong(ping.getToken() + 1));
    }

    private static Pong pong(long token) {
        return Pong.newBuilder().setToken(token).build();
    }

    private static Ping ping(long token) {
        return Ping.newBuilder().setToken(token).build();
    }

    private FreshetClient connect() {
        return FreshetClient.connect(config().build());
    }

    private ClientConfig.Builder config() {
        return ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .backOff(Duration.ofMillis(1), Duration.ofMillis(50))
                .token("alice");
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static FreshetException failure(CompletionStage<?> stage) {
        CompletionException failed = assertThrows(CompletionException.class, () -> await(stage));
        return (FreshetException) Objects.requireNonNull(failed.getCause());
    }

    private static CompletionStage<Pong> request(FreshetClient client, String method, long token) {
        return client.request("test.Echo/" + method, ping(token), Pong.parser());
    }

    private double metric(String name) {
        return engine.metrics().sum(name);
    }

    @Test
    void shouldAnswerEachRequestOnTheApplicationsThreads() {
        try (FreshetClient client = connect()) {
            for (int i = 0; i < 150; i++) {
                assertEquals(i + 1, await(request(client, "Say", i)).getToken());
            }
            assertTrue(threads.stream().allMatch(name -> name.startsWith("freshet-app")), threads.toString());
            assertEquals(1, callers.stream().distinct().count());
            assertEquals(client.principal(), callers.element().principal().id());
        }
        assertEquals(150, metric("requests"));
        assertEquals(0, metric("requests.under.way"));
        assertEquals(
                150,
                engine.metrics().durations().stream()
                        .filter(each -> each.name().equals("request"))
                        .mapToLong(each -> each.value().count())
                        .sum());
    }

    @Test
    void shouldAnswerAClientWithinTheProcess() throws InterruptedException {
        try (FreshetClient client = await(engine.connect(new Principal(77, "bot")))) {
            CompletableFuture<Pong> pushed = new CompletableFuture<>();
            client.onPush(Pong.getDefaultInstance(), pushed::complete);
            assertEquals(6, await(request(client, "Say", 5)).getToken());
            assertEquals(77, callers.element().principal().id());
            assertTrue(callers.take().push(pong(9)));
            assertEquals(9, await(pushed).getToken());
        }
    }

    @Test
    void shouldSayWhyARequestFailed() {
        try (FreshetClient client = connect()) {
            assertEquals(
                    ErrorCode.UNKNOWN_METHOD,
                    failure(client.request("test.Nobody/Say", ping(1), Pong.parser()))
                            .code());
            FreshetException thrown = failure(request(client, "Throws", 1));
            assertEquals(ErrorCode.REQUEST_FAILED, thrown.code());
            assertFalse(String.valueOf(thrown.getMessage()).contains("secret"), thrown.getMessage());
            FreshetException refused = failure(request(client, "Refuses", 1));
            assertEquals(ErrorCode.SLOW_MODE, refused.code());
            assertEquals(1_234, refused.retryAfterMs());
            assertEquals(
                    ErrorCode.REQUEST_FAILED,
                    failure(request(client, "EndsConnections", 1)).code());
            assertEquals(
                    ErrorCode.REQUEST_FAILED,
                    failure(request(client, "Nothing", 1)).code());
            assertEquals(
                    ErrorCode.REQUEST_FAILED,
                    failure(request(client, "TooMuch", 1)).code());
            assertEquals(2, await(request(client, "Say", 1)).getToken());
        }
    }

    @Test
    void shouldGiveUpAServiceThatNeverAnswers() {
        try (FreshetClient client = connect()) {
            assertEquals(
                    ErrorCode.OUTCOME_UNKNOWN,
                    failure(request(client, "Never", 1)).code());
            FreshetException late =
                    failure(client.request("test.Echo/Held", ping(1), Pong.parser(), Duration.ofMillis(50)));
            assertEquals(ErrorCode.OUTCOME_UNKNOWN, late.code());
            assertTrue(held.complete(pong(1)));
            assertFalse(held.complete(pong(2)), "a stage answers once");
            assertEquals(2, await(request(client, "Say", 1)).getToken());
            assertEquals(0, client.statistics().unexpectedAnswers());
        }
    }

    @Test
    void shouldHoldBackWhatTheServerWouldRefuse() {
        try (FreshetClient client = connect()) {
            List<CompletableFuture<Pong>> answers = java.util.stream.IntStream.range(0, 100)
                    .mapToObj(i -> request(client, "Held", i).toCompletableFuture())
                    .toList();
            held.complete(pong(3));
            answers.forEach(answer -> assertEquals(3, await(answer).getToken()));
            assertEquals(0, metric("requests.refused"));
        }
    }

    @Test
    void shouldFailAtOnceWhenTheConnectionEndsBeforeTheAnswer() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (CuttingProxy proxy = new CuttingProxy(engine.addresses().get(0));
                FreshetClient client = FreshetClient.connect(
                        config().server("127.0.0.1", proxy.port()).build())) {
            CompletableFuture<Pong> answer = request(client, "Held", 1).toCompletableFuture();
            Caller caller = callers.take();
            List<String> endThread = new CopyOnWriteArrayList<>();
            caller.onEnd(() -> {
                endThread.add(Thread.currentThread().getName());
                ended.countDown();
            });
            proxy.cut();
            assertEquals(ErrorCode.OUTCOME_UNKNOWN, failure(answer).code());
            assertTrue(ended.await(30, TimeUnit.SECONDS));
            assertTrue(endThread.get(0).startsWith("freshet-app"), endThread.toString());
            assertFalse(caller.push(pong(1)), "the session is over");
            CountDownLatch atOnce = new CountDownLatch(1);
            caller.onEnd(atOnce::countDown);
            assertTrue(atOnce.await(30, TimeUnit.SECONDS));
            held.complete(pong(1));
            assertEquals(2, await(request(client, "Say", 1)).getToken());
        }
    }

    @Test
    void shouldTellAClientOfEachSession() throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(engine.addresses().get(0));
                FreshetClient client = FreshetClient.connect(
                        config().server("127.0.0.1", proxy.port()).build())) {
            LinkedBlockingQueue<Integer> sessions = new LinkedBlockingQueue<>();
            client.onSession(() -> sessions.add(1));
            assertEquals(1, sessions.poll(30, TimeUnit.SECONDS));
            proxy.cut();
            assertEquals(1, sessions.poll(30, TimeUnit.SECONDS));
            assertTrue(sessions.isEmpty());
        }
    }

    @Test
    void shouldAnswerWhatIsUnderWayWhileClientsAreAskedToLeave() throws Exception {
        try (FreshetClient client = connect()) {
            CompletableFuture<Pong> answer = request(client, "Held", 1).toCompletableFuture();
            callers.take();
            Thread drain = new Thread(() -> engine.drain(Duration.ofSeconds(30)), "drain");
            drain.start();
            held.complete(pong(8));
            assertEquals(8, await(answer).getToken());
            drain.join();
            assertEquals(0, metric("requests.under.way"));
        }
    }

    @Test
    void shouldAnswerWhatIsUnderWayWhenTheEngineCloses() throws Exception {
        try (FreshetClient client = connect()) {
            CompletableFuture<Pong> answer = request(client, "Held", 1).toCompletableFuture();
            callers.take();
            Thread end = new Thread(engine::close, "end");
            end.start();
            held.complete(pong(8));
            assertEquals(8, await(answer).getToken());
            end.join();
        }
    }

    @Test
    void shouldRefuseServicesThatCannotBe() {
        Service.Builder own = Service.named("freshet.v1.Mine").method("A", Ping.parser(), this::say);
        assertThrows(IllegalArgumentException.class, () -> engine.service(own.build()));
        Service.Builder again = Service.named("test.Echo").method("Say", Ping.parser(), this::say);
        assertThrows(IllegalArgumentException.class, () -> engine.service(again.build()));
        assertThrows(IllegalArgumentException.class, () -> again.method("Say", Ping.parser(), this::say));
        assertThrows(IllegalArgumentException.class, () -> again.method("a/b", Ping.parser(), this::say));
        assertThrows(IllegalArgumentException.class, () -> again.method("a".repeat(127), Ping.parser(), this::say));
        assertThrows(IllegalArgumentException.class, () -> again.timeout(Duration.ZERO));
        assertThrows(
                IllegalArgumentException.class, () -> Service.named("empty").build());
    }
}
