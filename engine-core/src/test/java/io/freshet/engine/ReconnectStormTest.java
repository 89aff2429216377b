package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientConfig;
import io.freshet.client.ClientRuntime;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Everybody is cut off at once and comes back, each in its slot, while publishing goes on. */
@Timeout(180)
class ReconnectStormTest {
    private static final int CLIENT_COUNT = 300;
    private static final int BEFORE_COUNT = 50;
    private static final int MESSAGE_COUNT = 400;
    private static final Rate CONNECTS = new Rate(300, 50);

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    /** Expects each sequence once, in order. */
    private static final class Listener implements RecordHandler {
        private final CountDownLatch all;
        private final AtomicInteger wrongCount;
        private final CountDownLatch before;
        private long last;

        Listener(CountDownLatch before, CountDownLatch all, AtomicInteger wrongCount) {
            this.before = before;
            this.all = all;
            this.wrongCount = wrongCount;
        }

        @Override
        public void onRecord(ReceivedRecord record) {
            if (record.sequence() != ++last) {
                wrongCount.incrementAndGet();
            }
            if (last == BEFORE_COUNT) {
                before.countDown();
            } else if (last == MESSAGE_COUNT) {
                all.countDown();
            }
        }
    }

    @Test
    void shouldTakeAllBackInTheirSlotsFromTheSharedWindowWhilePublishingGoesOn() throws InterruptedException {
        MemoryStorage storage = MemoryStorage.open(
                new MemoryDisk(), StorageConfig.builder().shardCount(2).build());
        EngineConfig config = EngineConfig.builder()
                .storage(storage)
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .limits(Limits.builder().connects(CONNECTS).build())
                .build();
        try (FreshetEngine engine = FreshetEngine.start(config);
                CuttingProxy network = new CuttingProxy(engine.addresses().get(0));
                ClientRuntime runtime = ClientRuntime.create(1)) {
            List<CompletableFuture<FreshetClient>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENT_COUNT; i++) {
                clients.add(FreshetClient.connectAsync(ClientConfig.builder()
                                .server("127.0.0.1", network.port())
                                .connectTimeout(Duration.ofSeconds(60))
                                .backOff(Duration.ofMillis(10), Duration.ofSeconds(1))
                                .runtime(runtime)
                                .build())
                        .toCompletableFuture());
            }
            CountDownLatch before = new CountDownLatch(CLIENT_COUNT);
            CountDownLatch all = new CountDownLatch(CLIENT_COUNT);
            AtomicInteger wrongCount = new AtomicInteger();
            for (CompletableFuture<FreshetClient> client : clients) {
                await(await(client).channel("show").subscribe(Cursor.first(), new Listener(before, all, wrongCount)));
            }
            double slotsBefore = slots(engine);

            publish(engine, BEFORE_COUNT);
            assertTrue(before.await(60, TimeUnit.SECONDS));
            network.cut();
            publish(engine, MESSAGE_COUNT - BEFORE_COUNT);

            assertTrue(all.await(120, TimeUnit.SECONDS), all.getCount() + " have not everything");
            assertEquals(0, wrongCount.get());
            assertTrue(slots(engine) > slotsBefore, "nobody was told a slot");
            assertEquals(0, engine.metrics().sum("cold.reads"));
            assertEquals(CLIENT_COUNT, engine.metrics().sum("clients"));
            clients.forEach(client -> client.join().close());
        }
    }

    /** Publishes one after the other, each once the one before is acknowledged. */
    private static void publish(FreshetEngine engine, int count) {
        for (int i = 0; i < count; i++) {
            await(engine.channel("show").publish(new byte[100]));
        }
    }

    private static double slots(FreshetEngine engine) {
        return engine.metrics().sum("connections.closed", Map.of("reason", "connect_slot"));
    }
}
