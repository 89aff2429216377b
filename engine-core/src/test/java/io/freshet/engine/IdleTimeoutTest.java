package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientConfig;
import io.freshet.client.ConnectionListener;
import io.freshet.client.FreshetClient;
import io.freshet.engine.service.Service;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Request;
import io.freshet.protocol.v1.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions that do nothing are ended where that is configured; a heartbeat is not doing something. */
@Timeout(60)
class IdleTimeoutTest {
    private static final Cursor LIVE =
            Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()).build();
    private static final Duration IDLE = Duration.ofMillis(400);

    private FreshetEngine engine;

    @BeforeEach
    void start() {
        engine = FreshetEngine.start(EngineConfig.builder()
                .storage(MemoryStorage.open(
                        new MemoryDisk(), StorageConfig.builder().shardCount(2).build()))
                .listen(Endpoint.tcp(0))
                .timeouts(Timeouts.DEFAULTS.idleSession(IDLE))
                .build());
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private double closedAsIdle() {
        return engine.metrics().sum("connections.closed", Map.of("reason", "idle_timeout"));
    }

    /** Sends heartbeats, one for each answer, until something else is said. */
    private static RawConnection.Frame pingUntilTold(RawConnection raw) throws IOException {
        RawConnection.Frame frame;
        do {
            raw.send(FrameType.PING, Ping.getDefaultInstance());
            frame = raw.read();
        } while (frame.type() == FrameType.PONG);
        return frame;
    }

    @Test
    void shouldEndASessionThatDoesNothingButAnswerHeartbeats() throws IOException {
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            raw.open("lobby");
            Error error = pingUntilTold(raw).body(Error.parser());
            assertEquals(ErrorCode.IDLE_TIMEOUT.number(), error.getCode());
            assertEquals(1, closedAsIdle());
        }
    }

    @Test
    void shouldKeepThoseWhoFollowAChannelAndThoseWhoPublish() throws IOException {
        try (RawConnection reader = new RawConnection(engine);
                RawConnection writer = new RawConnection(engine);
                RawConnection idle = new RawConnection(engine)) {
            reader.connect();
            reader.open("lobby", LIVE);
            writer.connect();
            long channel = writer.open("lobby").getChannel();
            idle.connect();
            long endNs = System.nanoTime() + 3 * IDLE.toNanos();
            int counter = 0;
            while (System.nanoTime() < endNs || closedAsIdle() == 0) {
                writer.publish(channel, ++counter, new byte[1]);
                assertEquals(FrameType.PUBLISHED, writer.read().type());
                assertEquals(counter, reader.readRecord().getSequence());
            }
            assertEquals(1, closedAsIdle());
            reader.send(FrameType.PING, Ping.getDefaultInstance());
            reader.read(FrameType.PONG, Pong.parser());
        }
    }

    @Test
    void shouldKeepASessionThatAServiceWaitsFor() throws IOException {
        engine.service(Service.named("a")
                .method("watch", Ping.parser(), (caller, ping) -> {
                    caller.onEnd(() -> {});
                    return CompletableFuture.completedStage(Pong.getDefaultInstance());
                })
                .build());
        try (RawConnection watched = new RawConnection(engine);
                RawConnection idle = new RawConnection(engine)) {
            watched.connect();
            watched.send(
                    FrameType.REQUEST,
                    Request.newBuilder().setRequest(1).setMethod("a/watch").build());
            watched.read(FrameType.RESPONSE, Response.parser());
            idle.connect();
            pingUntilTold(idle);
            watched.send(FrameType.PING, Ping.getDefaultInstance());
            watched.read(FrameType.PONG, Pong.parser());
            assertEquals(1, closedAsIdle());
        }
    }

    @Test
    void shouldBeNoticedByNobodyWhoUsesAClient() {
        CompletableFuture<Boolean> lost = new CompletableFuture<>();
        ClientConfig config = ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .backOff(Duration.ofMillis(1), Duration.ofMillis(10))
                .listener(new ConnectionListener() {
                    @Override
                    public void onDisconnected(FreshetException cause, boolean willReconnect) {
                        lost.complete(cause.code() == ErrorCode.IDLE_TIMEOUT && willReconnect);
                    }
                })
                .build();
        try (FreshetClient client = FreshetClient.connect(config)) {
            assertEquals(1, publish(client));
            assertTrue(lost.orTimeout(30, TimeUnit.SECONDS).join());
            assertEquals(2, publish(client));
        }
    }

    private static long publish(FreshetClient client) {
        return client.channel("lobby")
                .publish("x")
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join()
                .sequence();
    }
}
