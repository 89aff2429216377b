package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Error;
import java.io.IOException;
import java.net.Socket;
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

/** Who may not connect now is told so at once, with a code and a time, and comes back at that time. */
@Timeout(120)
class AdmissionLimitsTest {
    private static FreshetEngine start(Limits.Builder limits) {
        return start(limits, Endpoint.tcp(0));
    }

    private static FreshetEngine start(Limits.Builder limits, Endpoint endpoint) {
        MemoryStorage storage = MemoryStorage.open(
                new MemoryDisk(), StorageConfig.builder().shardCount(2).build());
        return FreshetEngine.start(EngineConfig.builder()
                .storage(storage)
                .listen(endpoint)
                .reactors(2)
                .limits(limits.build())
                .build());
    }

    private static ClientConfig.Builder clientOf(FreshetEngine engine) {
        return ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .backOff(Duration.ofMillis(1), Duration.ofMillis(50));
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static void assertRefused(FreshetEngine engine, ErrorCode code) throws IOException {
        try (RawConnection raw = new RawConnection(engine)) {
            Error error = raw.readError();
            assertEquals(code, ErrorCode.of(error.getCode()), error.getMessage());
            assertTrue(error.getRetryAfterMs() > 0, "no time to come again");
            assertTrue(raw.isClosedByServer());
        }
        String reason = code.name().toLowerCase(Locale.ROOT);
        assertTrue(engine.metrics().sum("connections.closed", Map.of("reason", reason)) >= 1);
    }

    private static void awaitClients(FreshetEngine engine, int count) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (engine.metrics().sum("clients") != count) {
            assertTrue(System.nanoTime() - deadlineNs < 0, engine.metrics().sum("clients") + " clients");
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldRefuseConnectionsBeyondTheirNumberUntilOneEnds() throws IOException {
        try (FreshetEngine engine = start(Limits.builder().connections(1))) {
            try (RawConnection first = new RawConnection(engine)) {
                first.connect();
                assertRefused(engine, ErrorCode.LIMIT_REACHED);
            }
            awaitClients(engine, 0);
            try (RawConnection second = new RawConnection(engine)) {
                second.connect();
            }
        }
    }

    @Test
    void shouldTellWhoComesOverWebSocketAsSoonAsItCanBeTold() throws IOException {
        try (FreshetEngine engine = start(Limits.builder().connections(1), Endpoint.webSocket(0, "/freshet"));
                RawWebSocket first = RawWebSocket.open(engine)) {
            assertEquals(RawWebSocket.BINARY, first.read().first(), "HELLO");
            try (RawWebSocket second = RawWebSocket.open(engine)) {
                byte[] frame = second.read().payload();
                assertEquals(FrameType.ERROR.code(), frame[FrameHeader.TYPE_OFFSET]);
                Error error = Error.parseFrom(Arrays.copyOfRange(frame, FrameHeader.LENGTH, frame.length));
                assertEquals(ErrorCode.LIMIT_REACHED, ErrorCode.of(error.getCode()));
                assertTrue(error.getRetryAfterMs() > 0, "no time to come again");
                assertEquals(1013, second.read().closeCode(), "try again later");
                assertTrue(second.isClosedByServer());
            }
            try (RawWebSocket lost =
                    new RawWebSocket(new Socket(), engine.addresses().get(0))) {
                lost.send(RawWebSocket.upgrade("/other", ""));
                assertTrue(lost.readHttp().startsWith("HTTP/1.1 404 "));
                assertTrue(lost.isClosedByServer());
            }
            try (RawWebSocket silent =
                    new RawWebSocket(new Socket(), engine.addresses().get(0))) {
                assertTrue(silent.isClosedByServer(), "nobody waits for its request for long");
            }
        }
    }

    @Test
    void shouldRefuseConnectionsBeyondThoseOfAnAddress() throws IOException {
        try (FreshetEngine engine = start(Limits.builder().connectionsPerAddress(1));
                RawConnection first = new RawConnection(engine)) {
            first.connect();
            assertRefused(engine, ErrorCode.ADDRESS_LIMIT);
        }
    }

    @Test
    void shouldHoldOffAnAddressThatConnectsAndClosesAgainAndAgain() throws IOException {
        Limits.Builder limits = Limits.builder().shortConnectionsPerAddress(new Rate(1, 2), Duration.ofHours(1));
        try (FreshetEngine engine = start(limits)) {
            boolean isHeldOff = false;
            for (int i = 0; i < 100 && !isHeldOff; i++) {
                try (RawConnection raw = new RawConnection(engine)) {
                    isHeldOff = raw.read().type() == FrameType.ERROR;
                    assertTrue(i >= 2 || !isHeldOff, "held off after " + i + " connections");
                }
                awaitClients(engine, 0);
            }
            assertTrue(isHeldOff);
            assertRefused(engine, ErrorCode.FLAPPING);
        }
    }

    /** With a short life of 0 nothing counts but that it was not known who they were. */
    @Test
    void shouldHoldOffAnAddressThatConnectsAgainAndAgainWithoutSayingWhoItIs() throws IOException {
        Limits.Builder limits = Limits.builder().shortConnectionsPerAddress(new Rate(1, 2), Duration.ZERO);
        try (FreshetEngine engine = start(limits)) {
            for (int i = 0; i < 5; i++) {
                try (RawConnection known = new RawConnection(engine)) {
                    known.connect();
                }
                awaitClients(engine, 0);
            }
            boolean isHeldOff = false;
            for (int i = 0; i < 100 && !isHeldOff; i++) {
                try (RawConnection silent = new RawConnection(engine)) {
                    isHeldOff = silent.read().type() == FrameType.ERROR;
                    assertTrue(i >= 2 || !isHeldOff, "held off after " + i + " connections");
                }
                awaitClients(engine, 0);
            }
            assertTrue(isHeldOff);
            assertRefused(engine, ErrorCode.FLAPPING);
        }
    }

    @Test
    void shouldTellEachOfACrowdItsSlotAndTakeAllOfThemThere() {
        int clientCount = 200;
        Limits.Builder limits = Limits.builder().connects(new Rate(200, 20));
        try (FreshetEngine engine = start(limits)) {
            List<CompletableFuture<FreshetClient>> clients = new ArrayList<>();
            for (int i = 0; i < clientCount; i++) {
                clients.add(FreshetClient.connectAsync(clientOf(engine)
                                .connectTimeout(Duration.ofSeconds(60))
                                .build())
                        .toCompletableFuture());
            }
            clients.forEach(AdmissionLimitsTest::await);
            assertTrue(engine.metrics().sum("connections.closed", Map.of("reason", "connect_slot")) >= 1);
            assertEquals(clientCount, engine.metrics().sum("clients"));
            clients.forEach(client -> client.join().close());
        }
    }
}
