package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.GapReason;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A channel that is kept for a shorter time than the log: what is older is told as expired, then erased. */
@Timeout(120)
class ChannelAgesTest {
    private final MemoryDisk disk = new MemoryDisk();
    private final AtomicLong aheadUs = new AtomicLong();

    private FreshetEngine start() {
        EngineConfig config = EngineConfig.builder()
                .storage(MemoryStorage.open(
                        disk,
                        StorageConfig.builder()
                                .shardCount(1)
                                .syncInterval(Duration.ofMillis(5))
                                .checkpointInterval(Duration.ofMillis(5))
                                .build()))
                .reactors(1)
                .build();
        return FreshetEngine.start(
                config, () -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()) + aheadUs.get());
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

    @Test
    void shouldTellWhatIsOverItsAgeAsExpiredAndEraseIt() {
        try (FreshetEngine engine = start()) {
            for (int i = 1; i <= 10; i++) {
                await(engine.channel("short").publish("message " + i));
                await(engine.channel("long").publish("message " + i));
            }
            await(engine.retain("short", Duration.ofHours(1)));
            assertEquals(0, engine.metrics().sum("erased.records"));
            aheadUs.set(TimeUnit.HOURS.toMicros(2));
            await(() -> engine.metrics().sum("erased.records") >= 10, "nothing is erased");
            check(engine, "short", 11);
            check(engine, "long", 0);
        }
        try (FreshetEngine again = start()) {
            check(again, "short", 11);
        }
        disk.dropIndex(0);
        try (FreshetEngine rebuilt = start()) {
            check(rebuilt, "short", 11);
            check(rebuilt, "long", 0);
        }
    }

    /** Follows from the beginning: one gap of so many, then the rest. */
    private static void check(FreshetEngine engine, String name, long expiredCount) {
        List<Long> gaps = new ArrayList<>();
        CompletableFuture<Long> first = new CompletableFuture<>();
        try (FreshetClient client = await(engine.connect(new Principal(7, "reader")))) {
            await(client.channel(name).subscribe(Cursor.first(), new RecordHandler() {
                @Override
                public void onRecord(ReceivedRecord record) {
                    first.complete(record.sequence());
                }

                @Override
                public void onGap(long firstSequence, long count, GapReason reason) {
                    assertEquals(GapReason.EXPIRED, reason);
                    gaps.add(count);
                }
            }));
            assertEquals(expiredCount + 1, await(first));
            assertEquals(expiredCount, gaps.stream().mapToLong(count -> count).sum());
        }
    }

    @Test
    void shouldRefuseAnAgeThatIsTooShort() {
        try (FreshetEngine engine = start()) {
            assertThrows(CompletionException.class, () -> await(engine.retain("short", Duration.ofSeconds(1))));
        }
    }
}
