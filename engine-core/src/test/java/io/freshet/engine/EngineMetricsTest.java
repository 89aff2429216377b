package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.engine.metrics.DurationMetric;
import io.freshet.engine.metrics.EngineMetrics;
import io.freshet.engine.metrics.Metric;
import io.freshet.log.Durability;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Direction;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Published;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each number of an engine is moved by the thing that it counts, once for each time that it happens. */
class EngineMetricsTest {
    private static final Cursor LIVE =
            Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()).build();
    private static final Cursor ALL =
            Cursor.newBuilder().setAfter(Cursor.After.getDefaultInstance()).build();

    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(2).build());
    private FreshetEngine engine = FreshetEngine.start(config().build());

    private EngineConfig.Builder config() {
        return EngineConfig.builder()
                .storage(storage)
                .listen(Endpoint.tcp(0))
                .reactors(1)
                .authenticator(credentials -> {
                    if (credentials.token().length > 0) {
                        throw Authenticator.refused();
                    }
                    return new Principal(5, "five");
                })
                .accessPolicy((principal, channel, exists) -> channel.equals("hidden") ? Access.NONE : Access.ALL);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private double sum(String name) {
        return engine.metrics().sum(name);
    }

    private double sum(String name, String label, String value) {
        return engine.metrics().sum(name, Map.of(label, value));
    }

    /** Waits for what comes without an answer. */
    private void await(BooleanSupplier condition, String what) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadlineNs, what);
            Thread.onSpinWait();
        }
    }

    private void awaitSum(double expected, String name, String label, String value) {
        await(() -> sum(name, label, value) == expected, name + "{" + label + "=" + value + "} is not " + expected);
    }

    @Test
    void shouldCountConnectionsFromTheFirstToTheLastMoment() throws IOException {
        double before = sum("connections");
        double acceptedBefore = sum("connections.accepted");
        try (RawConnection raw = new RawConnection(engine)) {
            raw.hello();
            assertEquals(before + 1, sum("connections"));
            assertEquals(acceptedBefore + 1, sum("connections.accepted"));
            assertEquals(0, sum("sessions") - before, "the engine's own client only");
            raw.send(FrameType.CONNECT, RawConnection.connectFrame().build());
            raw.read();
            assertEquals(before + 1, sum("sessions"));
            assertEquals(1, sum("authentications", "result", "accepted"));
            assertTrue(sum("authentication") >= 0);
            assertTrue(sum("reads") >= 1);
            assertTrue(sum("received") > 8);
            assertTrue(sum("replies") > 8);
            assertTrue(sum("flushes") >= 2);
        }
        awaitSum(1, "connections.closed", "reason", "peer");
        await(() -> sum("connections") == before && sum("sessions") == before, "not gone");
    }

    @Test
    void shouldCountWhyConnectionsEnd() throws IOException {
        try (RawConnection raw = new RawConnection(engine)) {
            raw.hello();
            raw.send(
                    FrameType.CONNECT,
                    RawConnection.connectFrame()
                            .setToken(ByteString.copyFromUtf8("no"))
                            .build());
            assertEquals(ErrorCode.UNAUTHENTICATED.number(), raw.readError().getCode());
            awaitSum(1, "connections.closed", "reason", "unauthenticated");
            assertEquals(1, sum("authentications", "result", "refused"));
        }
        try (RawConnection raw = new RawConnection(engine)) {
            raw.hello();
            raw.send("GET / HTTP/1.1\r\n\r\n");
            raw.readError();
            awaitSum(1, "connections.closed", "reason", "not_freshet");
        }
    }

    @Test
    void shouldCountHeartbeatTimeouts() throws IOException {
        engine.close();
        Timeouts short100 = Timeouts.DEFAULTS.heartbeat(Duration.ofMillis(100));
        MemoryStorage another = MemoryStorage.open(
                new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
        engine = FreshetEngine.start(EngineConfig.builder()
                .storage(another)
                .listen(Endpoint.tcp(0))
                .timeouts(short100)
                .build());
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            awaitSum(1, "connections.closed", "reason", "heartbeat_timeout");
        }
    }

    @Test
    void shouldCountPublishesAndDeliveries() throws IOException {
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            long channel = raw.open("a", LIVE).getChannel();
            awaitSum(1, "subscriptions", "at", "head");
            assertEquals(0, sum("subscriptions", "at", "behind"));
            assertEquals(1, sum("access.decisions", "result", "granted"));
            assertEquals(1, sum("channels.loaded"));
            assertEquals(1, sum("channel.loads"));
            double documents = sum("documents");
            double replies = sum("replies");

            raw.publish(channel, 1, new byte[100]);
            expect(raw, FrameType.PUBLISHED, FrameType.RECORD);

            assertEquals(1, sum("publishes.admitted"));
            assertEquals(1, sum("batches"));
            assertEquals(documents + 1, sum("documents"));
            assertTrue(sum("appended") > 100);
            assertEquals(1, sum("receipts"));
            assertEquals(1, sum("delivered.records", "from", "head"));
            assertEquals(0, sum("delivered.records", "from", "window"));
            assertTrue(sum("delivered", "from", "head") > 100);
            assertTrue(sum("replies") > replies);

            raw.publish(channel, 1, new byte[100]);
            expect(raw, FrameType.PUBLISHED);
            assertEquals(1, sum("publishes.repeated"));
            assertEquals(1, sum("publishes.admitted"));
            assertEquals(2, sum("receipts"));

            raw.publish(channel, 7, new byte[100]);
            expect(raw, FrameType.ERROR);
            assertEquals(1, sum("publishes.refused", "code", "nonce_jump"));
            raw.publish(channel + 100, 2, new byte[100]);
            expect(raw, FrameType.ERROR);
            assertEquals(1, sum("publishes.refused", "code", "not_open"));
            assertEquals(2, sum("publishes.refused"));

            await(() -> sum("window") > 100, "the window is told at the next tick");
            raw.send(FrameType.CLOSE, Close.newBuilder().setChannel(channel).build());
            raw.read(FrameType.CLOSED, Closed.parser());
            assertEquals(0, sum("subscriptions"));
        }
    }

    private static void expect(RawConnection raw, FrameType... types) throws IOException {
        Set<FrameType> expected = new HashSet<>(Set.of(types));
        while (!expected.isEmpty()) {
            FrameType type = raw.read().type();
            assertTrue(expected.remove(type), () -> type + " came, but expected was " + expected);
        }
    }

    @Test
    void shouldCountRefusedOpens() throws IOException {
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            raw.send(FrameType.OPEN, RawConnection.openFrame("hidden").build());
            raw.readError();
            assertEquals(1, sum("access.decisions", "result", "refused"));
            assertTrue(sum("access.decision") >= 0);
        }
    }

    @Test
    void shouldCountRecordsByWhereTheyWere() throws IOException {
        publish("b", 300, 1000);
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            raw.open("b", ALL);
            readRecords(raw, 300);
            assertEquals(0, sum("delivered.records", "from", "head"));
            assertEquals(300, sum("delivered.records", "from", "window") + sum("delivered.records", "from", "log"));
            assertTrue(sum("delivered.records", "from", "log") > 0, "no feed, so that nothing was in the window");
            assertTrue(sum("delivered", "from", "log") > 1000);
            assertTrue(sum("cold.reads") >= 1);
            assertTrue(sum("reader.requests") > sum("cold.reads"));
            assertEquals(0, sum("cold.read.failures") + sum("reader.failures") + sum("reader.refused"));
            awaitSum(1, "subscriptions", "at", "head");
            publish("b", 10, 1000);
            readRecords(raw, 10);
            assertEquals(10, sum("delivered.records", "from", "head"));
            try (RawConnection late = new RawConnection(engine)) {
                late.connect();
                late.open("b", Cursor.newBuilder().setLast(5).build());
                readRecords(late, 5);
                assertEquals(5, sum("delivered.records", "from", "window"));
                assertTrue(sum("delivered", "from", "window") > 5000);
            }
        }
    }

    @Test
    void shouldCountPages() throws IOException {
        publish("c", 20, 100);
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            long channel = raw.open("c").getChannel();
            raw.send(
                    FrameType.FETCH,
                    Fetch.newBuilder()
                            .setRequest(9)
                            .setChannel(channel)
                            .setDirection(Direction.DIRECTION_BACKWARD)
                            .setLimit(20)
                            .build());
            int length = raw.read(FrameType.PAGE, Page.parser()).getRecords().size();
            assertEquals(1, sum("pages"));
            assertEquals((double) length, sum("page"));
        }
    }

    @Test
    void shouldCountHolesThatSubscribersAreToldOf() throws IOException {
        publish("d", 300, 1000);
        int shard = (int) idOf("d") & 1;
        storage.log(shard).truncateBefore(storage.log(shard).lastPosition());
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            raw.open("d", ALL);
            RawConnection.Frame first = raw.read();
            assertEquals(FrameType.GAP, first.type());
            Gap gap = first.body(Gap.parser());
            String reason =
                    gap.getReason().name().substring("GAP_REASON_".length()).toLowerCase(Locale.ROOT);
            assertEquals(1, sum("gaps", "reason", reason));
            assertEquals((double) gap.getCount(), sum("gap.records", "reason", reason));
        }
    }

    /** The id of a channel. */
    private long idOf(String name) throws IOException {
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            return raw.open(name).getChannel();
        }
    }

    @Test
    void shouldCountSyncsAndWhatWaitsForThem() throws IOException {
        engine.close();
        MemoryStorage another = MemoryStorage.open(
                new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
        engine = FreshetEngine.start(EngineConfig.builder()
                .storage(another)
                .durability(Durability.SYNCED)
                .listen(Endpoint.tcp(0))
                .build());
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            long channel = raw.open("e").getChannel();
            another.faults(0).holdSync();
            double syncs = sum("syncs");
            raw.publish(channel, 1, new byte[100]);
            await(() -> sum("awaiting.commit") > 100, "nothing waits");
            assertEquals(0, sum("receipts"));
            another.faults(0).releaseSync();
            raw.read(FrameType.PUBLISHED, Published.parser());
            assertEquals(0, sum("awaiting.commit"));
            assertTrue(sum("syncs") > syncs);
            assertTrue(sum("sync") >= sum("sync.longest"));
            await(() -> sum("index.lag.documents") == 0, "the index does not follow");
            assertTrue(sum("index.checkpoints") >= 1);
            assertTrue(sum("index.checkpoint") >= 0);
            assertEquals(0, sum("index.stopped") + sum("fenced"));
            another.faults(0).failSync();
            raw.publish(channel, 2, new byte[100]);
            assertEquals(ErrorCode.OUTCOME_UNKNOWN.number(), raw.readError().getCode());
            assertEquals(1, sum("fenced"));
            assertEquals(1, sum("publishes.refused", "code", "outcome_unknown"));
        }
    }

    @Test
    void shouldTimeDutyCyclesAndAppends() throws IOException {
        publish("f", 5, 100);
        Map<String, Long> counts = new HashMap<>();
        for (DurationMetric metric : engine.metrics().durations()) {
            counts.merge(metric.name(), metric.value().count(), Long::sum);
            assertTrue(metric.value().longestNs() <= metric.value().totalNs() * 1.01 + 1000);
        }
        assertTrue(counts.getOrDefault("duty.cycle", 0L) >= 5);
        assertTrue(counts.getOrDefault("append", 0L) >= 5);
    }

    @Test
    void shouldTimeReadsAndWritesOfSocketsAndCountTheWrites() throws IOException {
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            long channel = raw.open("g", LIVE).getChannel();
            await(() -> sum("socket.writes") == 3, "hello, welcome and opened are a write each");
            for (int i = 1; i <= 4; i++) {
                raw.publish(channel, i, new byte[100]);
                expect(raw, FrameType.PUBLISHED, FrameType.RECORD);
            }
            await(() -> sum("socket.writes") == 7, "a receipt and its record are one write");
        }
        for (String name : Set.of("poll", "flush")) {
            long count = engine.metrics().durations().stream()
                    .filter(metric -> metric.name().equals(name))
                    .mapToLong(metric -> metric.value().count())
                    .sum();
            assertTrue(count >= 4, name + ": " + count);
        }
    }

    @Test
    void shouldTellTheBoundsOfItsMemory() {
        assertEquals((double) MemoryLimits.DEFAULTS.windowBytes(), sum("window.limit"));
        assertEquals((double) MemoryLimits.DEFAULTS.pinnedBytes(), sum("pinned.limit"));
        assertEquals((double) MemoryLimits.DEFAULTS.outboundBytes(), sum("outbound.limit"));
        assertEquals(MemoryLimits.DEFAULTS.coldReadCount(), sum("cold.reads.limit"));
    }

    @Test
    void shouldTellEachNumberOnceAndAlsoAfterItsEnd() {
        EngineMetrics metrics = engine.metrics();
        engine.close();
        Set<String> seen = new HashSet<>();
        for (Metric metric : metrics.numbers()) {
            assertTrue(seen.add(metric.name() + metric.labels()), metric::toString);
            assertTrue(metric.value() >= 0, metric::toString);
            assertFalse(metric.description().isBlank());
        }
        assertEquals(0, metrics.sum("connections"));
        assertEquals(0, metrics.sum("sessions"));
    }

    /** Publishes one after another, so that each is a document of its own. */
    private void publish(String channel, int count, int payloadLength) {
        for (int i = 0; i < count; i++) {
            engine.channel(channel)
                    .publish(new byte[payloadLength])
                    .toCompletableFuture()
                    .orTimeout(20, TimeUnit.SECONDS)
                    .join();
        }
    }

    private static void readRecords(RawConnection raw, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            raw.readRecord();
        }
    }
}
