package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.benchmarks.load.LoadTarget.WireKind;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.Totals;
import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig;
import io.freshet.engine.FreshetEngine;
import io.freshet.engine.TlsConfig;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The same counts when frames come encrypted or over WebSocket. */
final class LoadTransportTest {
    private static final String PATH = "/load";

    @TempDir
    private Path directory;

    private Path certificate = Path.of("certificate.pem");
    private Path key = Path.of("key.pem");

    /** Ways to a server. */
    enum Way {
        TLS(true, false),
        WEB_SOCKET(false, true),
        ENCRYPTED_WEB_SOCKET(true, true);

        private final boolean isTls;
        private final boolean isWebSocket;

        Way(boolean isTls, boolean isWebSocket) {
            this.isTls = isTls;
            this.isWebSocket = isWebSocket;
        }
    }

    @BeforeEach
    void makeCertificate() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .subject("CN=localhost")
                .addSanIpAddress("127.0.0.1")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        certificate = Files.writeString(directory.resolve("certificate.pem"), bundle.getCertificatePEM());
        key = Files.writeString(directory.resolve("key.pem"), bundle.getPrivateKeyPEM());
    }

    private FreshetEngine start(Way way) {
        Endpoint endpoint = way.isWebSocket ? Endpoint.webSocket("127.0.0.1", 0, PATH) : Endpoint.tcp("127.0.0.1", 0);
        return FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(way.isTls ? endpoint.tls(TlsConfig.of(certificate, key)) : endpoint)
                .build());
    }

    private static LoadResult run(FreshetEngine engine, LoadTransport transport, String name, String... settings)
            throws InterruptedException {
        Map<String, String> all = new HashMap<>(Map.of("warmup", "0ms", "duration", "100ms"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        InetSocketAddress address = engine.addresses().get(0);
        LoadTarget target = new LoadTarget(address, WireKind.FRESHET, "server", 0, "", false, transport, null);
        return LoadRun.run(Scenario.named(name, all), target, ProgressListener.silent());
    }

    private LoadResult run(Way way, String name, String... settings) throws InterruptedException {
        LoadTransport transport =
                new LoadTransport(way.isTls, way.isTls ? certificate : null, way.isWebSocket ? PATH : null);
        try (FreshetEngine engine = start(way)) {
            return run(engine, transport, name, settings);
        }
    }

    private static void assertWhole(LoadResult result, int subscribers) {
        Totals totals = result.totals();
        assertTrue(result.passed(), () -> String.join(" ", result.findings()));
        assertTrue(totals.published() > 0);
        assertEquals(totals.published() * subscribers, totals.delivered());
        assertEquals(0, totals.failedConnections());
    }

    @ParameterizedTest
    @EnumSource
    void shouldDeliverEveryMessageToEverySubscriber(Way way) throws InterruptedException {
        assertWhole(run(way, "hot", "subscribers", "5", "publishers", "2", "threads", "2"), 5);
    }

    @ParameterizedTest
    @EnumSource
    void shouldGetAReceiptForEveryPublish(Way way) throws InterruptedException {
        LoadResult result = run(way, "publish", "publishers", "3", "channels", "2", "payload", "1024");

        assertWhole(result, 0);
        assertEquals(result.totals().published(), result.totals().acknowledged());
    }

    @ParameterizedTest
    @EnumSource
    void shouldPutTogetherWhatComesInSmallReads(Way way) throws InterruptedException {
        assertWhole(run(way, "hot", "subscribers", "3", "payload", "20000", "window", "16", "receive", "4096"), 3);
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadAHistoryInGreatMessages(Way way) throws InterruptedException {
        LoadResult result = run(way, "replay", "messages", "20000", "channels", "1");

        assertTrue(result.passed(), () -> String.join(" ", result.findings()));
        assertEquals(20_000, result.totals().delivered());
    }

    @ParameterizedTest
    @EnumSource
    void shouldComeBackAfterACut(Way way) throws InterruptedException {
        LoadResult result = run(
                way,
                "reconnect",
                "subscribers",
                "20",
                "rate",
                "500",
                "cut",
                "50ms",
                "duration",
                "300ms",
                "under_way",
                "100");

        assertWhole(result, 20);
    }

    @Test
    void shouldNotTrustACertificateThatNobodyToldItTo() throws InterruptedException {
        try (FreshetEngine engine = start(Way.TLS)) {
            LoadResult result = run(engine, new LoadTransport(true, null, null), "idle", "connections", "2");

            assertFalse(result.passed());
            assertEquals(2, result.totals().failedConnections());
            assertTrue(
                    result.findings().get(0).contains("certification path"),
                    result.findings().get(0));
        }
    }

    @ParameterizedTest
    @CsvSource({"WEB_SOCKET,404 Not Found", "TLS,no WebSocket"})
    void shouldTellWhyItGotNoWebSocket(Way way, String reason) throws InterruptedException {
        LoadTransport transport = new LoadTransport(way.isTls, way.isTls ? certificate : null, "/elsewhere");
        try (FreshetEngine engine = start(way)) {
            LoadResult result = run(engine, transport, "idle", "connections", "2");

            assertFalse(result.passed());
            assertEquals(2, result.totals().failedConnections());
            assertTrue(
                    result.findings().get(0).contains(reason), result.findings().get(0));
        }
    }

    @Test
    void shouldSayWhereAServerIsAndHowItIsReached() {
        InetSocketAddress server = InetSocketAddress.createUnresolved("127.0.0.1", 7400);

        assertEquals("127.0.0.1:7400", LoadTransport.TCP.address(server));
        assertEquals("tls://127.0.0.1:7400", new LoadTransport(true, null, null).address(server));
        assertEquals("ws://127.0.0.1:7400/load", new LoadTransport(false, null, PATH).address(server));
        assertEquals("wss://127.0.0.1:7400/load", new LoadTransport(true, null, PATH).address(server));
    }

    @Test
    void shouldRefuseWhatCannotBeSpoken() {
        LoadTransport tls = new LoadTransport(true, null, null);
        InetSocketAddress server = InetSocketAddress.createUnresolved("127.0.0.1", 7400);

        assertThrows(IllegalArgumentException.class, () -> new LoadTransport(false, null, "load"));
        assertThrows(IllegalArgumentException.class, () -> new LoadTransport(false, null, "/a b"));
        assertThrows(
                IllegalArgumentException.class,
                () -> new LoadTarget(server, WireKind.RAW, "baseline", 0, "", false, tls, null));
    }
}
