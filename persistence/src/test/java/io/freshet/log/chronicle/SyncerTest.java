package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.Durability;
import io.freshet.log.MessageLog;
import io.freshet.log.TestBatch;
import io.freshet.log.TestClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Syncs are grouped, wake at once where somebody waits, and fence the log when they fail. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class SyncerTest {
    private static final long LONG_PARK_NS = TimeUnit.SECONDS.toNanos(30);

    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();
    private ChronicleStorage storage;
    private ChronicleLog log;

    @BeforeEach
    void open() {
        storage =
                ChronicleStorage.open(temporary.resolve("data"), clock.config().build());
        log = (ChronicleLog) storage.log(0);
        log.attach(1, MessageLog.NULL_POSITION);
    }

    @AfterEach
    void close() {
        storage.close();
    }

    private Agent syncer() {
        return storage.agents().get(0);
    }

    @Test
    void shouldWakeAParkedSyncerAtOnce() throws Exception {
        AtomicInteger parks = new AtomicInteger();
        IdleStrategy parking = new IdleStrategy() {
            @Override
            public void idle(int workCount) {
                if (workCount == 0) {
                    idle();
                }
            }

            @Override
            public void idle() {
                parks.incrementAndGet();
                LockSupport.parkNanos(LONG_PARK_NS);
            }

            @Override
            public void reset() {}
        };
        CountDownLatch synced = new CountDownLatch(300);
        log.completionListener(synced::countDown);
        try (AgentRunner runner = new AgentRunner(parking, Throwable::printStackTrace, null, syncer())) {
            AgentRunner.startOnThread(runner);
            for (int i = 1; i <= 300; i++) {
                long ordinal = log.append(TestBatch.single(1, i, Durability.SYNCED));
                while (log.completed(Durability.SYNCED) < ordinal) {
                    Thread.onSpinWait();
                }
            }
            assertTrue(synced.await(10, TimeUnit.SECONDS));
        }
        assertTrue(parks.get() > 0);
    }

    @Test
    void shouldCoverEverythingAppendedBeforeWithOneSync() throws Exception {
        AtomicInteger syncs = new AtomicInteger();
        log.completionListener(syncs::incrementAndGet);
        long last = 0;
        for (int i = 1; i <= 100; i++) {
            last = log.append(TestBatch.single(1, i, Durability.SYNCED));
        }
        assertTrue(syncer().doWork() > 0);
        assertEquals(last, log.completed(Durability.SYNCED));
        assertEquals(1, syncs.get());
        assertEquals(0, syncer().doWork());
    }

    @Test
    void shouldSyncTheFilesThatWereLeftToo() throws Exception {
        for (int i = 1; i <= 5; i++) {
            log.append(TestBatch.single(1, i, Durability.SYNCED));
            clock.advanceMs(3_600_000);
        }
        syncer().doWork();
        assertEquals(log.lastPosition(), log.syncedPosition());
        ShardState state = ShardState.load(temporary.resolve("data/shard-0/state"));
        int sealedCount = 0;
        for (Path file : RollFiles.list(temporary.resolve("data/shard-0/log")).values()) {
            sealedCount += state != null && state.isUnchanged(file) ? 1 : 0;
        }
        assertEquals(4, sealedCount, "every file but the last is known to be intact");
    }

    @Test
    void shouldFenceForEverWhenASyncFails() throws Exception {
        syncer().doWork();
        long before = log.completed(Durability.SYNCED);
        clock.advanceMs(3_600_000);
        log.append(TestBatch.single(1, 1, Durability.SYNCED));
        for (Path file : RollFiles.list(temporary.resolve("data/shard-0/log")).values()) {
            Files.delete(file);
        }
        AtomicInteger told = new AtomicInteger();
        log.completionListener(told::incrementAndGet);
        syncer().doWork();
        assertTrue(log.isFenced());
        assertTrue(told.get() > 0);
        assertEquals(before, log.completed(Durability.SYNCED));
        assertEquals(MessageLog.FENCED, log.append(TestBatch.single(1, 2, Durability.SYNCED)));
        syncer().doWork();
        assertEquals(before, log.completed(Durability.SYNCED));
        assertFalse(log.recovery().isEpochRaised());
    }
}
