package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.benchmarks.baseline.BaselineServer;
import io.freshet.benchmarks.baseline.SocketSettings;
import io.freshet.benchmarks.load.LoadTarget.WireKind;
import io.freshet.benchmarks.report.LatencySummary;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.ServerUse;
import io.freshet.benchmarks.report.Totals;
import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig;
import io.freshet.engine.FreshetEngine;
import io.freshet.engine.Limits;
import io.freshet.engine.Rate;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Short runs over real sockets. How fast they are is of no interest, that they count right is. */
final class LoadRunTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final SocketSettings SETTINGS =
            new SocketSettings(32 * 1024, 1, 128, 64 * 1024, 128 * 1024, PooledByteBufAllocator.DEFAULT);

    private static final Pattern TOLD_SLOTS = Pattern.compile("the server told (\\d+) times when to come");

    @TempDir
    private Path data;

    private static Map<String, String> brief(String... settings) {
        Map<String, String> map = new HashMap<>(Map.of("warmup", "0ms", "duration", "100ms"));
        for (int i = 0; i < settings.length; i += 2) {
            map.put(settings[i], settings[i + 1]);
        }
        return map;
    }

    private static LoadResult run(InetSocketAddress server, WireKind wire, String name, Map<String, String> settings)
            throws InterruptedException {
        long pid = ProcessHandle.current().pid();
        return LoadRun.run(
                Scenario.named(name, settings),
                new LoadTarget(server, wire, "server", pid, "", false, LoadTransport.TCP, null),
                ProgressListener.silent());
    }

    private LoadResult onFreshet(String name, Map<String, String> settings) throws InterruptedException {
        try (FreshetEngine engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(data)
                .listen(Endpoint.tcp("127.0.0.1", 0))
                .build())) {
            return run(engine.addresses().get(0), WireKind.FRESHET, name, settings);
        }
    }

    private static long timedCount(LoadResult result, String what) {
        LatencySummary summary = result.latencies().get(what);
        return summary == null ? 0 : summary.count();
    }

    private static void assertWhole(LoadResult result, int subscribers) {
        Totals totals = result.totals();
        assertTrue(result.passed(), () -> String.join(" ", result.findings()));
        assertTrue(totals.published() > 0);
        assertEquals(totals.published() * subscribers, totals.expectedDeliveries());
        assertEquals(totals.expectedDeliveries(), totals.delivered());
        assertTrue(totals.isWhole());
        assertEquals(0, totals.failedConnections());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "3"})
    void shouldDeliverEveryMessageOfAHotChannelToEverySubscriber(String threads) throws InterruptedException {
        LoadResult result = onFreshet("hot", brief("subscribers", "5", "publishers", "2", "threads", threads));

        assertWhole(result, 5);
        assertTrue(timedCount(result, LoadResult.DELIVERY) > 0);
        assertEquals(7, timedCount(result, LoadResult.CONNECT));
        ServerUse use = result.server();
        assertNotNull(use);
        assertTrue(use.cpuS() > 0);
        assertTrue(use.residentBytes() > 0);
        assertEquals(-1, use.allocatedBytes());
        assertEquals(0, use.allocatedBytesPerDelivery());
    }

    @Test
    void shouldLeaveTheWarmUpOut() throws InterruptedException {
        LoadResult result = onFreshet("latency", brief("rate", "1000", "subscribers", "1", "warmup", "300ms"));

        Totals totals = result.totals();
        assertTrue(result.passed(), () -> String.join(" ", result.findings()));
        assertEquals(totals.expectedDeliveries(), totals.delivered());
        assertTrue(totals.published() < 400, () -> "400 were due in all, " + totals.published() + " are counted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void shouldSpreadManyChannelsOverConnections(String threads) throws InterruptedException {
        Map<String, String> settings =
                brief("channels", "20", "subscribers", "3", "connections", "7", "publishers", "4", "threads", threads);
        assertWhole(onFreshet("many", settings), 3);
    }

    @Test
    void shouldGetAReceiptForEveryPublish() throws InterruptedException {
        LoadResult result = onFreshet("publish", brief("publishers", "3", "channels", "2", "window", "16"));

        assertWhole(result, 0);
        assertEquals(result.totals().published(), result.totals().acknowledged());
        assertTrue(timedCount(result, LoadResult.PUBLISH) > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void shouldTellEverybodyExactlyHowManyHeartsWereSent(String threads) throws InterruptedException {
        Map<String, String> settings =
                brief("connections", "12", "publishers", "7", "rate", "9973", "duration", "700ms", "threads", threads);
        LoadResult result = onFreshet("hearts", settings);

        assertTrue(result.passed(), () -> String.join(" ", result.findings()));
        assertTrue(
                result.findings().stream()
                        .anyMatch(each -> each.contains("12 of 12 clients were told exactly so many")),
                () -> String.join(" ", result.findings()));
        assertTrue(result.totals().published() > 0);
        assertTrue(result.totals().delivered() > 0);
        assertTrue(
                result.totals().delivered() <= 12 * (10 * (1 + result.totals().durationS()) + 10),
                () -> "more than one total a tick: " + result.totals());
    }

    @Test
    void shouldKeepTheRateOfAnOpenLoop() throws InterruptedException {
        LoadResult result = onFreshet("latency", brief("rate", "500", "subscribers", "2", "duration", "400ms"));

        assertWhole(result, 2);
        assertEquals(200, result.totals().published());
        assertEquals(500, result.totals().targetPerS());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void shouldLetTheCrowdComeAndGo(String threads) throws InterruptedException {
        LoadResult result = onFreshet(
                "spike",
                brief(
                        "channels",
                        "2",
                        "subscribers",
                        "1",
                        "crowd",
                        "3",
                        "duration",
                        "600ms",
                        "ramp",
                        "100ms",
                        "decay",
                        "200ms",
                        "threads",
                        threads));

        Totals totals = result.totals();
        assertTrue(result.passed(), () -> String.join(" ", result.findings()));
        assertEquals(totals.expectedDeliveries(), totals.delivered());
        assertTrue(totals.delivered() > totals.published(), "nobody of the crowd got anything");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void shouldDeliverEverythingToThoseWhoStoodStill(String threads) throws InterruptedException {
        Map<String, String> settings =
                brief("subscribers", "6", "stalled", "50", "duration", "500ms", "threads", threads, "fall", "100");
        LoadResult result = onFreshet("slow", settings);

        assertWhole(result, 6);
        assertTrue(
                result.findings().stream().anyMatch(each -> each.startsWith("Before 3 subscribers stood still")),
                () -> String.join(" ", result.findings()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"latest", "sampled"})
    void shouldAccountForEverythingThatIsSkipped(String mode) throws InterruptedException {
        Map<String, String> settings = new HashMap<>(brief("subscribers", "6", "stalled", "50", "duration", "500ms"));
        settings.putAll(Map.of("fall", "100", "mode", mode, "samples", "50"));
        LoadResult result = onFreshet("slow", settings);

        Totals totals = result.totals();
        assertTrue(result.passed(), () -> String.join(" ", result.findings()));
        assertEquals(totals.expectedDeliveries(), totals.delivered());
        assertTrue(totals.gaps() > 0 || mode.equals("latest"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void shouldOpenEveryConnectionOfAStorm(String threads) throws InterruptedException {
        Map<String, String> settings =
                brief("connections", "50", "channels", "10", "under_way", "20", "threads", threads);
        LoadResult result = onFreshet("storm", settings);

        assertTrue(result.passed(), () -> String.join(" ", result.findings()));
        assertEquals(50, timedCount(result, LoadResult.CONNECT));
        assertTrue(result.totals().durationS() > 0);
    }

    @Test
    void shouldHoldIdleConnections() throws InterruptedException {
        LoadResult result = onFreshet("idle", brief("connections", "20", "per_source", "7"));

        assertTrue(result.passed(), () -> String.join(" ", result.findings()));
        assertEquals(20, timedCount(result, LoadResult.CONNECT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void shouldFillAHistoryOnceAndReadAllOfItEachTime(String threads) throws InterruptedException {
        Map<String, String> settings =
                brief("messages", "1005", "channels", "10", "window", "3", "readers", "2", "threads", threads);
        for (int round = 0; round < 2; round++) {
            LoadResult result = onFreshet("replay", settings);
            assertTrue(result.passed(), () -> String.join(" ", result.findings()));
            assertEquals(2 * 1005, result.totals().delivered());
            assertEquals(0, result.totals().published());
        }
        settings.put("messages", "1010");
        LoadResult more = onFreshet("replay", settings);
        assertFalse(more.passed());
        assertTrue(
                more.findings().get(0).contains("hold 1005 of 1010 messages already"),
                more.findings().get(0));
    }

    @Test
    void shouldDriveTheBaselinesToo() throws IOException, InterruptedException {
        try (BaselineServer server = BaselineServer.naive(ANY, SETTINGS)) {
            assertWhole(run(server.address(), WireKind.RAW, "hot", brief("subscribers", "4")), 4);
        }
        try (BaselineServer server = BaselineServer.appendFloor(ANY, SETTINGS, data.resolve("queue"), false)) {
            LoadResult result = run(server.address(), WireKind.RAW, "publish", brief("publishers", "2"));
            assertWhole(result, 0);
            assertEquals(result.totals().published(), result.totals().acknowledged());
        }
    }

    @Test
    void shouldReadAHistoryThatABaselineStreams() throws IOException, InterruptedException {
        Map<String, String> settings = brief("messages", "1000", "channels", "10", "filled", "true");
        Path file = data.resolve("history");
        HistoryFile.write(file, Scenario.named("replay", settings));
        try (BaselineServer server = BaselineServer.floor(ANY, SETTINGS, file)) {
            LoadResult result = run(server.address(), WireKind.RAW, "replay", settings);
            assertTrue(result.passed(), () -> String.join(" ", result.findings()));
            assertEquals(1000, result.totals().delivered());
        }
    }

    @Test
    void shouldCutEverybodyOffAndTakeThemBackWithoutLosingAMessage() throws InterruptedException {
        Limits slow = Limits.builder().connects(new Rate(10, 5)).build();
        try (FreshetEngine engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(data)
                .listen(Endpoint.tcp("127.0.0.1", 0))
                .limits(slow)
                .build())) {
            LoadResult result = run(
                    engine.addresses().get(0),
                    WireKind.FRESHET,
                    "reconnect",
                    brief("subscribers", "30", "rate", "500", "cut", "50ms", "duration", "300ms", "under_way", "100"));
            assertWhole(result, 30);
            String findings = String.join(" ", result.findings());
            assertTrue(findings.contains("30 of 30 subscribers were back"), findings);
            Matcher told = TOLD_SLOTS.matcher(findings);
            assertTrue(told.find(), findings);
            double slotCount = engine.metrics().sum("connections.closed", Map.of("reason", "connect_slot"));
            assertTrue(slotCount > 0, "nobody was told a slot");
            assertEquals(slotCount, Double.parseDouble(told.group(1)));
            assertEquals(0, engine.metrics().sum("cold.reads"));
        }
    }

    @Test
    void shouldTellWhyItCouldNotConnect() throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        LoadResult result =
                run(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), WireKind.FRESHET, "hot", brief());

        assertFalse(result.passed());
        assertTrue(result.totals().failedConnections() > 0);
        assertTrue(
                result.findings().get(0).contains("refused"), result.findings().get(0));
    }
}
