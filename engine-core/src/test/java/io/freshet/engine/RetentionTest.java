package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientConfig;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.GapReason;
import io.freshet.client.Page;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.log.Retention;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What retention frees is told as expired, exactly, while everything goes on; what it keeps is served. */
@Timeout(120)
class RetentionTest {
    private static final int RECORD_COUNT = 240;
    private static final int PAYLOAD_LENGTH = 20_000;

    @TempDir
    private Path directory;

    private final AtomicLong nowMs = new AtomicLong(1_700_000_000_000L);

    private FreshetEngine start(Retention retention) {
        return FreshetEngine.start(EngineConfig.builder()
                .storage(ChronicleStorage.open(
                        directory.resolve("data"),
                        StorageConfig.builder()
                                .shardCount(1)
                                .minFreeLength(0)
                                .syncInterval(Duration.ofMillis(5))
                                .checkpointInterval(Duration.ofMillis(5))
                                .retention(retention)
                                .retentionInterval(Duration.ofMillis(20))
                                .epochMsClock(nowMs::get)
                                .build()))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .build());
    }

    private static FreshetClient connect(FreshetEngine engine) {
        return FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .build());
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static void await(BooleanSupplier condition, String what) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadlineNs, what);
            Thread.onSpinWait();
        }
    }

    private static byte[] payload(long sequence) {
        byte[] payload = new byte[PAYLOAD_LENGTH];
        Arrays.fill(payload, (byte) sequence);
        return payload;
    }

    /** Checks one subscription from the beginning: one gap of what has expired at most, and everything after it. */
    private static final class Following implements RecordHandler {
        private final CompletableFuture<Long> done = new CompletableFuture<>();
        private final long last;
        private long next = 1;
        private long expiredCount;

        Following(long last) {
            this.last = last;
        }

        @Override
        public void onRecord(ReceivedRecord record) {
            byte[] payload = record.payloadBytes();
            if (record.sequence() != next || payload[0] != (byte) next || payload[PAYLOAD_LENGTH - 1] != (byte) next) {
                done.completeExceptionally(new AssertionError("got " + record.sequence() + " in place of " + next));
            }
            moved(1);
        }

        @Override
        public void onGap(long firstSequence, long count, GapReason reason) {
            if (reason != GapReason.EXPIRED || firstSequence != next) {
                done.completeExceptionally(
                        new AssertionError("gap of " + reason + " at " + firstSequence + " in place of " + next));
            }
            expiredCount += count;
            moved(count);
        }

        private void moved(long count) {
            next += count;
            if (next > last) {
                done.complete(expiredCount);
            }
        }
    }

    @Test
    void shouldTellExactlyWhatHasExpiredAndServeTheRest() throws IOException {
        long kept;
        try (FreshetEngine engine = start(Retention.of(Retention.FOREVER, 1 << 20));
                FreshetClient client = connect(engine);
                FreshetClient slow = connect(engine)) {
            await(client.channel("ended").publish("once"));
            Following meanwhile = new Following(RECORD_COUNT);
            await(slow.channel("busy").subscribe(Cursor.first(), meanwhile));
            for (int i = 1; i <= RECORD_COUNT; i++) {
                await(client.channel("busy").publish(payload(i)));
                nowMs.addAndGet(10 * 60_000);
            }
            assertEquals(0, await(meanwhile.done), "who follows loses nothing");
            await(() -> engine.metrics().sum("expired.records") > RECORD_COUNT / 2, "nothing expires");
            await(client.channel("busy").publish(payload(RECORD_COUNT + 1)));
            Following late = new Following(RECORD_COUNT + 1);
            try (FreshetClient other = connect(engine)) {
                await(other.channel("busy").subscribe(Cursor.first(), late));
                kept = await(late.done) + 1;
            }
            assertTrue(kept > RECORD_COUNT / 2, "kept from " + kept);
            Page page = await(client.channel("busy").fetchForward(1, 100));
            assertTrue(page.records().isEmpty() || page.records().get(0).sequence() >= kept);
            await(() -> engine.metrics().sum("freed") > 1_000_000, "no file is removed");
            await(() -> firstOf(engine) >= kept, "who opens the channel is told where it begins");
        }
        Files.delete(directory.resolve("data/shard-0/index/data.mdb"));
        try (FreshetEngine again = start(Retention.NONE);
                FreshetClient client = connect(again)) {
            assertEquals(2, await(client.channel("ended").publish("again")).sequence(), "where it ended is known");
            assertNull(client.channel("ended")
                    .fetchForward(1, 10)
                    .toCompletableFuture()
                    .handle((page, failure) -> failure)
                    .join());
            assertTrue(await(client.channel("busy").open()).first() >= kept);
            Following late = new Following(RECORD_COUNT + 1);
            await(client.channel("busy").subscribe(Cursor.first(), late));
            assertTrue(await(late.done) + 1 >= kept);
        }
    }

    private static long firstOf(FreshetEngine engine) {
        try (FreshetClient fresh = connect(engine)) {
            return await(fresh.channel("busy").open()).first();
        }
    }
}
