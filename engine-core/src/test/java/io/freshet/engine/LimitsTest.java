package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.Page;
import io.freshet.client.Receipt;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each limit has its code, its count and its time to come again, and who obeys loses nothing. */
@Timeout(120)
class LimitsTest {
    /** So seldom that none comes by while a test runs. */
    private static final Rate TWO_AT_ONCE = new Rate(1, 2);

    private static final Rate FAST = new Rate(200, 5);
    private static final int MANY = 300;

    private static FreshetEngine start(Limits.Builder limits) {
        return start(limits, StorageConfig.builder().shardCount(2).build());
    }

    private static FreshetEngine start(Limits.Builder limits, StorageConfig config) {
        MemoryStorage storage = MemoryStorage.open(new MemoryDisk(), config);
        return FreshetEngine.start(EngineConfig.builder()
                .storage(storage)
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .limits(limits.build())
                .build());
    }

    private static FreshetClient connect(FreshetEngine engine) {
        return FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .backOff(Duration.ofMillis(1), Duration.ofMillis(50))
                .maxPendingPublishes(MANY)
                .build());
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static Limits.Builder publishLimit(ErrorCode code, Rate rate) {
        Limits.Builder limits = Limits.builder();
        return switch (code) {
            case SESSION_RATE -> limits.publishesPerSession(rate);
            case USER_RATE -> limits.publishesPerUser(rate);
            case ADDRESS_RATE -> limits.publishesPerAddress(rate);
            case CHANNEL_RATE -> limits.publishesPerChannel(rate);
            default -> limits.slowMode(Duration.ofMillis(rate.equals(FAST) ? 3 : 3_600_000));
        };
    }

    private static double refused(FreshetEngine engine, ErrorCode code) {
        return engine.metrics()
                .sum("publishes.refused", Map.of("code", code.name().toLowerCase(Locale.ROOT)));
    }

    @ParameterizedTest
    @EnumSource(names = {"SESSION_RATE", "USER_RATE", "ADDRESS_RATE", "CHANNEL_RATE", "SLOW_MODE"})
    void shouldRefuseAPublishThatComesTooFastAndAcceptNoneBehindIt(ErrorCode code) throws IOException {
        try (FreshetEngine engine = start(publishLimit(code, TWO_AT_ONCE));
                RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            long channel = raw.open("fast").getChannel();
            for (int counter = 1; counter <= MANY; counter++) {
                raw.publish(channel, counter, new byte[1]);
            }
            long acceptedCount = 0;
            long answeredCount = 0;
            long firstRefused = Long.MAX_VALUE;
            while (answeredCount < MANY) {
                RawConnection.Frame frame = raw.read();
                if (frame.type() == FrameType.PUBLISHED) {
                    Published published = frame.body(Published.parser());
                    acceptedCount += published.getCount();
                    answeredCount += published.getCount();
                    assertTrue((int) published.getFirstNonce() + published.getCount() <= firstRefused);
                } else {
                    Error error = frame.body(Error.parser());
                    answeredCount += error.getCount();
                    if (firstRefused == Long.MAX_VALUE) {
                        assertEquals(code, ErrorCode.of(error.getCode()));
                        firstRefused = (int) error.getFirstNonce();
                    }
                    if (error.getCode() == code.number()) {
                        assertTrue(error.getRetryAfterMs() > 0 && error.getRetryAfterMs() <= 3_600_000);
                    } else {
                        assertEquals(ErrorCode.NONCE_JUMP, ErrorCode.of(error.getCode()));
                    }
                }
            }
            assertTrue(acceptedCount >= 1 && acceptedCount < MANY, acceptedCount + " accepted");
            assertEquals(acceptedCount + 1, firstRefused);
            assertTrue(refused(engine, code) >= 1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SESSION_RATE", "USER_RATE", "ADDRESS_RATE", "CHANNEL_RATE", "SLOW_MODE"})
    void shouldPublishEverythingInOrderThoughTheClientIsTooFast(ErrorCode code) {
        try (FreshetEngine engine = start(publishLimit(code, FAST));
                FreshetClient client = connect(engine)) {
            List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
            for (int i = 0; i < MANY / 3; i++) {
                receipts.add(client.channel("fast").publish("message " + i).toCompletableFuture());
            }
            for (int i = 0; i < receipts.size(); i++) {
                assertEquals(i + 1, await(receipts.get(i)).sequence());
            }
            assertTrue(refused(engine, code) >= 1);
        }
    }

    @Test
    void shouldShareTheRateOfAUserAmongItsSessions() throws IOException {
        try (FreshetEngine engine = start(Limits.builder().publishesPerUser(TWO_AT_ONCE));
                RawConnection one = new RawConnection(engine);
                RawConnection other = new RawConnection(engine)) {
            one.connect();
            other.hello();
            int otherInstance = RawConnection.INSTANCE + 1; // or it would take the publishing over
            other.send(
                    FrameType.CONNECT,
                    RawConnection.connectFrame().setInstance(otherInstance).build());
            other.read(FrameType.WELCOME, Welcome.parser());
            long channel = one.open("fast").getChannel();
            long same = other.open("fast").getChannel();
            for (int i = 0; i < MANY; i++) {
                one.publish(channel, 0L, new byte[1]);
            }
            assertEquals(ErrorCode.USER_RATE.number(), one.readError().getCode());
            for (int i = 0; i < MANY; i++) {
                other.publish(same, 0L, new byte[1]);
            }
            assertEquals(ErrorCode.USER_RATE.number(), other.readError().getCode());
        }
    }

    @Test
    void shouldGiveAChannelASlowModeOfItsOwnAndTakeItAway() throws IOException {
        try (FreshetEngine engine = start(Limits.builder());
                RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            long channel = raw.open("show").getChannel();
            await(engine.slowMode("show", Duration.ofHours(1)));
            raw.publish(channel, 1, new byte[1]);
            assertEquals(1, raw.read(FrameType.PUBLISHED, Published.parser()).getFirstSequence());
            raw.publish(channel, 2, new byte[1]);
            Error refusal = raw.readError();
            assertEquals(ErrorCode.SLOW_MODE.number(), refusal.getCode());
            assertTrue(refusal.getRetryAfterMs() > 3_000_000);
            assertEquals(
                    2, await(engine.channel("show").publish("the host speaks")).sequence());
            assertEquals(3, await(engine.channel("show").publish("and goes on")).sequence());
            await(engine.slowMode("show", Duration.ZERO));
            raw.publish(channel, 2, new byte[1]);
            assertEquals(4, raw.read(FrameType.PUBLISHED, Published.parser()).getFirstSequence());
            assertThrows(IllegalArgumentException.class, () -> engine.slowMode("show", Duration.ofDays(2)));
        }
    }

    @Test
    void shouldRefuseHistoryBeyondItsCostAndServeItLater() throws IOException {
        int length = 10_000;
        try (FreshetEngine engine = start(Limits.builder().historyPerUser(new Rate(1, length)));
                RawConnection raw = new RawConnection(engine)) {
            await(engine.channel("old").publish(new byte[length]));
            raw.connect();
            long channel = raw.open("old").getChannel();
            Fetch fetch = Fetch.newBuilder()
                    .setRequest(2)
                    .setChannel(channel)
                    .setFromSequence(1)
                    .setLimit(10)
                    .build();
            raw.send(FrameType.FETCH, fetch);
            assertEquals(FrameType.PAGE, raw.read().type());
            raw.send(FrameType.FETCH, fetch);
            Error refusal = raw.readError();
            assertEquals(ErrorCode.HISTORY_RATE.number(), refusal.getCode());
            assertEquals(2, refusal.getRequest());
            assertTrue(refusal.getRetryAfterMs() > 0);
            assertEquals(1, engine.metrics().sum("fetches.limited"));
        }
    }

    /** The index stands still, so that everything is read for the views of one record. */
    @Test
    void shouldChargeWhatIsReadForViewsAlone() throws IOException {
        int length = 10_000;
        int count = 20;
        StorageConfig config = StorageConfig.builder()
                .shardCount(2)
                .checkpointInterval(Duration.ofMinutes(1))
                .build();
        try (FreshetEngine engine = start(Limits.builder().historyPerUser(new Rate(1, 5L * length)), config);
                RawConnection raw = new RawConnection(engine)) {
            for (int i = 0; i < count; i++) {
                await(engine.channel("fresh").publish(new byte[length]));
            }
            raw.connect();
            Fetch plain = Fetch.newBuilder()
                    .setRequest(2)
                    .setChannel(raw.open("fresh").getChannel())
                    .setFromSequence(1)
                    .setLimit(1)
                    .build();
            raw.send(FrameType.FETCH, plain);
            assertEquals(FrameType.PAGE, raw.read().type());
            raw.send(FrameType.FETCH, plain.toBuilder().setViews(true).build());
            assertEquals(FrameType.PAGE, raw.read().type(), "it is not over its limit yet");
            raw.send(FrameType.FETCH, plain);
            Error refusal = raw.readError();
            assertEquals(ErrorCode.HISTORY_RATE.number(), refusal.getCode());
            assertTrue(refusal.getRetryAfterMs() > 1_000 * length, "it has read " + count + " records");
        }
    }

    @Test
    void shouldFetchEverythingThoughTheClientReadsTooMuch() {
        try (FreshetEngine engine = start(Limits.builder().historyPerUser(new Rate(200_000, 10_000)));
                FreshetClient client = connect(engine)) {
            for (int i = 0; i < 10; i++) {
                await(engine.channel("old").publish(new byte[5_000]));
            }
            List<CompletionStage<Page>> pages = new ArrayList<>();
            for (int i = 1; i <= 10; i++) {
                pages.add(client.channel("old").fetchForward(i, 1));
            }
            for (int i = 0; i < 10; i++) {
                assertEquals(i + 1, await(pages.get(i)).records().get(0).sequence());
            }
            assertEquals(10, engine.metrics().sum("pages"));
        }
    }

    @Test
    void shouldOpenNoMoreChannelsThanASessionMayHave() throws IOException {
        try (FreshetEngine engine = start(Limits.builder().channels(2));
                RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            raw.open("one");
            raw.open("two");
            raw.send(FrameType.OPEN, RawConnection.openFrame("three").build());
            assertEquals(ErrorCode.TOO_MANY_CHANNELS.number(), raw.readError().getCode());
            assertEquals(1, engine.metrics().sum("opens.limited"));
        }
    }

    @Test
    void shouldHaveNoMoreFetchesUnansweredThanASessionMay() throws IOException {
        try (FreshetEngine engine = start(Limits.builder().requests(1));
                RawConnection raw = new RawConnection(engine)) {
            await(engine.channel("old").publish(new byte[10]));
            raw.connect();
            long channel = raw.open("old").getChannel();
            ByteBuf frames = Unpooled.buffer();
            for (int request = 2; request < 4; request++) {
                Fetch fetch = Fetch.newBuilder()
                        .setRequest(request)
                        .setChannel(channel)
                        .setFromSequence(1)
                        .setLimit(1)
                        .build();
                Frames.write(frames, FrameType.FETCH, fetch);
            }
            raw.send(Arrays.copyOf(frames.array(), frames.readableBytes()));
            Error refusal = raw.readError();
            assertEquals(ErrorCode.LIMIT_REACHED.number(), refusal.getCode());
            assertEquals(3, refusal.getRequest());
            assertEquals(FrameType.PAGE, raw.read().type());
            assertEquals(1, engine.metrics().sum("fetches.limited"));
        }
    }

    @Test
    void shouldCheckItsRangesByName() {
        assertThrows(IllegalArgumentException.class, () -> new Rate(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Rate(1, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> Limits.builder().connections(0).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> Limits.builder().slowMode(Duration.ofDays(2)).build());
        assertEquals(Limits.DEFAULTS, Limits.builder().build());
    }
}
