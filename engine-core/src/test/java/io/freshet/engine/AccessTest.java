package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Welcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in and what they may do is the application's to say, off the reactor, and what it does not say is no. */
class AccessTest {
    private static final Cursor LIVE =
            Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()).build();

    private final Queue<String> askedOn = new ConcurrentLinkedQueue<>();
    private final Queue<String> askedAbout = new ConcurrentLinkedQueue<>();
    private final CountDownLatch slowPolicy = new CountDownLatch(1);

    @TempDir
    private Path directory;

    private FreshetEngine engine;

    @BeforeEach
    void start() {
        Timeouts timeouts = Timeouts.DEFAULTS.policy(Duration.ofMillis(300)).heartbeat(Duration.ofMillis(400));
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .timeouts(timeouts)
                .authenticator(this::authenticate)
                .accessPolicy(this::access)
                .build());
    }

    @AfterEach
    void close() {
        slowPolicy.countDown();
        engine.close();
        assertFalse(askedOn.isEmpty());
        assertTrue(askedOn.stream().noneMatch(name -> name.contains("reactor")), askedOn::toString);
    }

    private Principal authenticate(Credentials credentials) {
        askedOn.add(Thread.currentThread().getName());
        return switch (new String(credentials.token(), StandardCharsets.UTF_8)) {
            case "ann" -> new Principal(7, "ann");
            case "bug" -> throw new IllegalStateException("planted");
            case "engine" -> Principal.SYSTEM;
            default -> throw Authenticator.refused();
        };
    }

    private Access access(Principal principal, String channel, boolean exists) {
        askedOn.add(Thread.currentThread().getName());
        askedAbout.add(channel);
        return switch (channel) {
            case "read" -> new Access(true, false, true);
            case "bug" -> throw new IllegalStateException("planted");
            case "slow" -> {
                awaitSlowPolicy();
                yield Access.ALL;
            }
            case "hidden" -> Access.NONE;
            case "fixed" -> new Access(true, true, false);
            default -> Access.ALL;
        };
    }

    private void awaitSlowPolicy() {
        try {
            slowPolicy.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private RawConnection hello(String token) throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        raw.send(
                FrameType.CONNECT,
                RawConnection.connectFrame()
                        .setToken(ByteString.copyFromUtf8(token))
                        .build());
        return raw;
    }

    private RawConnection ann() throws IOException {
        RawConnection raw = hello("ann");
        assertEquals(7, raw.read(FrameType.WELCOME, Welcome.parser()).getPrincipal());
        return raw;
    }

    private static ErrorCode open(RawConnection raw, String channel) throws IOException {
        raw.send(
                FrameType.OPEN, RawConnection.openFrame(channel).setCursor(LIVE).build());
        Error error = raw.readError();
        assertEquals(1, error.getRequest());
        return ErrorCode.nearest(error.getCode());
    }

    @Test
    void shouldLetNobodyInWhomTheAuthenticatorDoesNotKnow() throws IOException {
        for (String token : new String[] {"", "mallory"}) {
            try (RawConnection raw = hello(token)) {
                Error error = raw.readError();
                assertEquals(ErrorCode.UNAUTHENTICATED.number(), error.getCode());
                assertTrue(raw.isClosedByServer());
            }
        }
    }

    @Test
    void shouldDenyWhenTheAuthenticatorFails() throws IOException {
        for (String token : new String[] {"bug", "engine"}) {
            try (RawConnection raw = hello(token)) {
                assertEquals(
                        ErrorCode.POLICY_UNAVAILABLE.number(), raw.readError().getCode());
                assertTrue(raw.isClosedByServer());
            }
        }
    }

    @Test
    void shouldAnswerAHiddenChannelLikeOneThatDoesNotExist() throws IOException {
        engine.channel("hidden").publish("secret").toCompletableFuture().join();
        try (RawConnection raw = ann()) {
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, open(raw, "hidden"));
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, open(raw, "fixed"));
        }
    }

    @Test
    void shouldAskThePolicyAlikeForAHiddenIdAndForOneThatNoChannelHas() throws IOException {
        engine.channel("hidden").publish("secret").toCompletableFuture().join();
        long hidden =
                engine.channel("hidden").open().toCompletableFuture().join().id();
        try (RawConnection raw = ann()) {
            Error ofHidden = openById(raw, hidden);
            Error ofNone = openById(raw, hidden + 1000);
            assertEquals(ofHidden, ofNone);
            assertEquals(ErrorCode.UNKNOWN_CHANNEL.number(), ofNone.getCode());
            assertEquals(List.of("hidden", ""), List.copyOf(askedAbout));
        }
    }

    private static Error openById(RawConnection raw, long id) throws IOException {
        raw.send(
                FrameType.OPEN,
                Open.newBuilder().setRequest(1).setChannel(id).setCursor(LIVE).build());
        return raw.readError();
    }

    @Test
    void shouldLetAReaderReadAndNotPublish() throws IOException {
        try (RawConnection raw = ann()) {
            Opened opened = raw.open("read", LIVE);
            assertFalse(opened.getMayPublish());
            raw.publish(opened.getChannel(), 1, new byte[1]);
            assertEquals(ErrorCode.FORBIDDEN.number(), raw.readError().getCode());
        }
    }

    @Test
    void shouldDenyWhenThePolicyFailsOrIsSlowAndHoldNobodyElseUp() throws IOException {
        try (RawConnection waiting = ann();
                RawConnection raw = ann()) {
            waiting.send(
                    FrameType.OPEN,
                    RawConnection.openFrame("slow").setCursor(LIVE).build());
            assertEquals(ErrorCode.POLICY_UNAVAILABLE, open(raw, "bug"));
            assertTrue(raw.open("lobby", LIVE).getMayPublish());
            Error late = waiting.readError();
            assertEquals(ErrorCode.POLICY_UNAVAILABLE.number(), late.getCode());
        }
    }
}
