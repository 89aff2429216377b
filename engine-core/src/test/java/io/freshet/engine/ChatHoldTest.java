package io.freshet.engine;

import static io.freshet.engine.ChatTester.reaction;
import static io.freshet.engine.ChatTester.text;
import static io.freshet.engine.ChatTester.user;
import static io.freshet.protocol.EventKind.POST;
import static io.freshet.protocol.EventKind.REACT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What comes behind an event waits for it, in bounded room, and for no longer than the application may take. */
@Timeout(120)
class ChatHoldTest {
    private static final long ANN = 7;
    private static final long SLOW = 66;
    private static final int COUNT = 600;
    private static final int LENGTH = 1_024;

    @TempDir
    private Path directory;

    private final CountDownLatch answer = new CountDownLatch(1);
    private FreshetEngine engine;

    @BeforeEach
    void start() {
        Timeouts timeouts = Timeouts.DEFAULTS.policy(Duration.ofSeconds(3));
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .timeouts(timeouts)
                .authenticator(credentials -> new Principal(ANN, "ann"))
                .accessPolicy(this::access)
                .build());
    }

    private Access access(Principal principal, String channel, boolean exists) {
        if (principal.id() == SLOW) {
            try {
                answer.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return Access.ALL;
    }

    @AfterEach
    void close() {
        answer.countDown();
        engine.close();
    }

    private static void until(String what, BooleanSupplier condition) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < endNs, what);
            Thread.onSpinWait();
        }
    }

    private static long head(ChatTester reader) {
        return ChatTester.await(reader.channel("room").fetchBackward(0, 1))
                .records()
                .get(0)
                .sequence();
    }

    private static byte[] slowMention() {
        return text("hello").toBuilder().addMentions(user(SLOW)).build().toByteArray();
    }

    /** Messages and reactions without receipts. */
    private static void publishBehind(RawAnswer raw) {
        for (int i = 0; i < COUNT; i++) {
            raw.publishUncounted(0, new byte[LENGTH]);
        }
    }

    @Test
    void shouldHoldOneSessionInBoundedRoomWhileOthersGoOn() {
        try (RawAnswer raw = new RawAnswer(engine, "room");
                ChatTester other = new ChatTester(engine, ANN)) {
            long post = other.keeps("room", POST, text("before"));
            raw.publish(POST.code(), 0, slowMention());
            publishBehind(raw);
            until("nothing waits", () -> engine.metrics().sum("publishes.held") > 50);
            assertEquals(2, other.keeps("room", REACT, reaction(post, "x")));
            double held = engine.metrics().sum("publishes.held");
            assertTrue(held <= 5 * 64 * 1024 / LENGTH, "too many wait: " + held);
            answer.countDown();
            assertEquals(3, raw.published().getFirstSequence());
            until("something is lost", () -> head(other) == 3 + COUNT);
            until("something still waits", () -> engine.metrics().sum("publishes.held") == 0);
        }
    }

    @Test
    void shouldLoseNothingThatOneReadBringsOnceEnoughWaits() {
        try (RawAnswer raw = new RawAnswer(engine, "room");
                ChatTester other = new ChatTester(engine, ANN)) {
            raw.publish(POST.code(), 0, slowMention());
            int fewer = 48; // together a little less than the bound on what waits
            raw.publishTogether(fewer, new byte[LENGTH]);
            until("nothing waits", () -> engine.metrics().sum("publishes.held") == 1 + fewer);
            int shortest = 1_000;
            raw.publishTogether(shortest, new byte[1]);
            until("nothing more waits", () -> engine.metrics().sum("publishes.held") > 1 + fewer);
            answer.countDown();
            assertEquals(1, raw.published().getFirstSequence());
            until("something is lost", () -> head(other) == 1 + fewer + shortest);
        }
    }

    @Test
    void shouldGiveUpAPolicyThatDoesNotAnswerAndGoOn() {
        try (RawAnswer raw = new RawAnswer(engine, "room")) {
            raw.publish(POST.code(), 0, slowMention());
            raw.publishUncounted(0, new byte[] {1});
            assertEquals(ErrorCode.POLICY_UNAVAILABLE.number(), raw.error().getCode());
            raw.publish(POST.code(), 0, text("now").toByteArray());
            assertEquals(2, raw.published().getFirstSequence());
        }
    }

    @Test
    void shouldLetGoOfWhatWaitsWhenTheSessionEnds() {
        try (RawAnswer raw = new RawAnswer(engine, "room")) {
            raw.publish(POST.code(), 0, slowMention());
            publishBehind(raw);
            until("nothing waits", () -> engine.metrics().sum("publishes.held") > 50);
        }
        until("something still waits", () -> engine.metrics().sum("publishes.held") == 0);
        answer.countDown();
    }
}
