package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientConfig;
import io.freshet.client.ClientRuntime;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.Receipt;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.Published;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is restarted lets its clients go and gets them back, and nobody notices but for the wait. */
@Timeout(180)
class DrainTest {
    private static final int CLIENT_COUNT = 20;
    private static final int EACH = 200;

    @TempDir
    private Path directory;

    private FreshetEngine start(int port) {
        return start(Endpoint.tcp(port));
    }

    private FreshetEngine start(Endpoint endpoint) {
        return FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(endpoint)
                .reactors(2)
                .build());
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    @Test
    void shouldMoveClientsOverARestartWithoutLosingOrRepeatingAnything() throws InterruptedException {
        FreshetEngine engine = start(0);
        int port = engine.addresses().get(0).getPort();
        List<FreshetClient> clients = new ArrayList<>();
        List<List<Long>> heard = new ArrayList<>();
        List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
        int total = CLIENT_COUNT * EACH;
        CountDownLatch all = new CountDownLatch(CLIENT_COUNT);
        try (ClientRuntime runtime = ClientRuntime.create(1)) {
            for (int i = 0; i < CLIENT_COUNT; i++) {
                FreshetClient client = FreshetClient.connect(ClientConfig.builder()
                        .server("127.0.0.1", port)
                        .backOff(Duration.ofMillis(10), Duration.ofMillis(500))
                        .runtime(runtime)
                        .build());
                clients.add(client);
                List<Long> mine = new ArrayList<>();
                heard.add(mine);
                await(client.channel("show").subscribe(Cursor.first(), record -> {
                    mine.add(record.sequence());
                    if (mine.size() == total) {
                        all.countDown();
                    }
                }));
            }
            publishHalf(clients, receipts);
            engine.drain(Duration.ofSeconds(60));
            assertEquals(0, engine.metrics().sum("clients"));
            publishHalf(clients, receipts);
            engine.close();
            engine = start(port);

            Set<Long> sequences = new HashSet<>();
            for (CompletableFuture<Receipt> receipt : receipts) {
                sequences.add(await(receipt).sequence());
            }
            assertEquals(total, sequences.size());
            assertTrue(all.await(60, TimeUnit.SECONDS), all.getCount() + " have not everything");
            List<Long> expected = LongStream.rangeClosed(1, total).boxed().toList();
            heard.forEach(mine -> assertEquals(expected, mine));
            assertEquals(0, engine.metrics().sum("publishes.repeated"));
            clients.forEach(FreshetClient::close);
        } finally {
            engine.close();
        }
    }

    private static void publishHalf(List<FreshetClient> clients, List<CompletableFuture<Receipt>> receipts) {
        for (int n = 0; n < EACH / 2; n++) {
            for (FreshetClient client : clients) {
                receipts.add(client.channel("show").publish("message " + n).toCompletableFuture());
            }
        }
    }

    @Test
    void shouldServeWhoDoesNotLeaveUntilTheWindowIsOver() throws IOException {
        try (FreshetEngine engine = start(0);
                RawConnection raw = new RawConnection(engine);
                RawConnection other = new RawConnection(engine)) {
            raw.connect();
            long channel = raw.open("show").getChannel();
            other.connect();
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> engine.drain(Duration.ofSeconds(2)));
            GoAway goAway = raw.read(FrameType.GOAWAY, GoAway.parser());
            assertTrue(goAway.getDrainMs() > 0 && goAway.getDrainMs() <= 2_000);
            GoAway ofOther = other.read(FrameType.GOAWAY, GoAway.parser());
            assertTrue(goAway.getRetryAfterMs() > 0 && ofOther.getRetryAfterMs() > 0);
            raw.publish(channel, 1, new byte[1]);
            assertEquals(1, raw.read(FrameType.PUBLISHED, Published.parser()).getFirstSequence());
            await(drained);
            assertEquals(2, engine.metrics().sum("clients"));
            assertEquals(
                    2,
                    await(engine.channel("show").publish("the application goes on"))
                            .sequence());
        }
    }

    @Test
    void shouldTellAClientOverWebSocketToGoAndCloseItsWebSocketAtTheEnd() throws IOException {
        FreshetEngine engine = start(Endpoint.webSocket(0, "/freshet"));
        try (engine;
                RawWebSocket raw = RawWebSocket.open(engine)) {
            assertEquals(FrameType.HELLO.code(), typeOf(raw.read()));
            byte[] connect = RawWebSocket.freshet(
                    FrameType.CONNECT, RawConnection.connectFrame().build());
            raw.send(RawWebSocket.frame(RawWebSocket.BINARY, connect));
            assertEquals(FrameType.WELCOME.code(), typeOf(raw.read()));
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> engine.drain(Duration.ofSeconds(1)));
            assertEquals(FrameType.GOAWAY.code(), typeOf(raw.read()));
            await(drained);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(engine::close);
            assertEquals(1000, raw.readClose().closeCode());
            assertTrue(raw.isClosedByServer());
            await(closed);
        }
    }

    private static int typeOf(RawWebSocket.Message message) {
        assertEquals(RawWebSocket.BINARY, message.first());
        return message.payload()[FrameHeader.TYPE_OFFSET];
    }

    @Test
    void shouldLetNobodyInWhileItDrains() {
        try (FreshetEngine engine = start(0)) {
            InetSocketAddress address = engine.addresses().get(0);
            engine.drain(Duration.ZERO);
            assertThrows(IOException.class, () -> new RawConnection(address).hello());
            assertThrows(IllegalArgumentException.class, () -> engine.drain(Duration.ofSeconds(-1)));
        }
    }
}
