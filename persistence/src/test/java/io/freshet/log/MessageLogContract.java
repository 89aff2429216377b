package io.freshet.log;

import static io.freshet.log.TestBatch.single;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link MessageLog} must do. */
@Timeout(60)
public abstract class MessageLogContract {
    protected final TestClock clock = new TestClock();
    private @Nullable Storage storage;

    /** Opens the storage of this test, a second time after it was closed. */
    protected abstract Storage open(StorageConfig config);

    protected final MessageLog openLog() {
        storage = open(clock.config().build());
        return storage.log(0);
    }

    protected final MessageLog reopen() {
        closeStorage();
        return openLog();
    }

    @AfterEach
    protected void closeStorage() {
        if (storage != null) {
            storage.close();
            storage = null;
        }
    }

    private void runAgents() throws Exception {
        for (Agent agent : Objects.requireNonNull(storage).agents()) {
            agent.doWork();
        }
    }

    @Test
    void shouldReadBackWhatWasAppended() {
        MessageLog log = openLog();
        log.attach(7, MessageLog.NULL_POSITION);
        log.attach(9, MessageLog.NULL_POSITION);
        TestBatch batch = new TestBatch();
        assertEquals(
                log.completed(Durability.WRITTEN) + 1,
                log.append(batch.reset(5, Durability.WRITTEN)
                        .run(7, 1, 3, 100)
                        .run(9, 1, 1, 0)
                        .batch()));
        log.append(batch.reset(6, Durability.WRITTEN).run(7, 4, 2, 5000).batch());
        try (LogReader reader = log.openReader()) {
            reader.toStart();
            assertTrue(reader.next());
            assertEquals(LogDocument.Kind.EPOCH, reader.document().kind());
            assertTrue(reader.next());
            LogDocument first = reader.document();
            assertEquals(LogDocument.Kind.RUNS, first.kind());
            assertEquals(2, first.runCount());
            assertEquals(5, first.timeUs());
            assertEquals(1, first.epoch());
            assertEquals(7, first.channel(0));
            assertEquals(3, first.recordCount(0));
            assertEquals(9, first.channel(1));
            assertEquals(MessageLog.NULL_POSITION, first.previousPosition(0));
            TestBatch.assertWhole(first);
            long firstPosition = first.position();
            assertTrue(reader.next());
            assertEquals(4, reader.document().firstSequence(0));
            assertEquals(firstPosition, reader.document().previousPosition(0));
            assertEquals(log.lastPosition(), reader.document().position());
            TestBatch.assertWhole(reader.document());
            assertFalse(reader.next());
        }
    }

    @Test
    void shouldCountWhatItAppendsAndSyncs() throws Exception {
        MessageLog log = openLog();
        log.attach(1, MessageLog.NULL_POSITION);
        LogStatistics before = log.statistics();
        log.append(single(1, 1, Durability.WRITTEN));
        log.append(single(1, 2, Durability.SYNCED));
        runAgents();
        LogStatistics after = log.statistics();
        assertEquals(before.documentCount() + 2, after.documentCount());
        assertEquals(before.syncCount() + 1, after.syncCount());
        assertTrue(after.longestSyncNs() <= after.syncNs());
    }

    @Test
    void shouldCompleteInOrderAtEachDurability() throws Exception {
        MessageLog log = openLog();
        log.attach(1, MessageLog.NULL_POSITION);
        AtomicInteger calls = new AtomicInteger();
        log.completionListener(calls::incrementAndGet);
        long first = log.append(single(1, 1, Durability.WRITTEN));
        assertEquals(first, log.completed(Durability.WRITTEN));
        assertTrue(log.completed(Durability.SYNCED) < first);
        runAgents();
        assertTrue(log.completed(Durability.SYNCED) < first, "nobody waits and the interval has not passed");
        long second = log.append(single(1, 2, Durability.SYNCED));
        assertEquals(first + 1, second);
        assertEquals(second, log.completed(Durability.WRITTEN));
        runAgents();
        assertEquals(second, log.completed(Durability.SYNCED));
        assertEquals(log.lastPosition(), log.syncedPosition());
        assertTrue(calls.get() > 0);
    }

    @Test
    void shouldSyncInTheBackgroundWhenTheIntervalHasPassed() throws Exception {
        MessageLog log = openLog();
        log.attach(1, MessageLog.NULL_POSITION);
        runAgents();
        long ordinal = log.append(single(1, 1, Durability.WRITTEN));
        clock.advanceMs(1100);
        runAgents();
        assertEquals(ordinal, log.completed(Durability.SYNCED));
    }

    @Test
    void shouldRefuseByNameWhenTheDocumentIsTooLong() {
        MessageLog log = openLog();
        log.attach(1, MessageLog.NULL_POSITION);
        TestBatch batch = new TestBatch();
        batch.reset(1, Durability.WRITTEN).run(1, 1, 1, log.maxDocumentLength());
        long before = log.lastPosition();
        assertEquals(MessageLog.TOO_LONG, log.append(batch.batch()));
        assertEquals(before, log.lastPosition());
        int overhead = batch.batch().documentLength() - log.maxDocumentLength();
        batch.reset(1, Durability.WRITTEN).run(1, 1, 1, log.maxDocumentLength() - overhead);
        assertEquals(log.maxDocumentLength(), batch.batch().documentLength());
        assertTrue(log.append(batch.batch()) > 0);
        assertEquals(1, readAll(log, log.lastPosition()).size());
    }

    @Test
    void shouldKeepEverythingAndItsEpochWhenClosedAndOpenedAgain() {
        MessageLog log = openLog();
        log.attach(1, MessageLog.NULL_POSITION);
        for (int i = 1; i <= 200; i++) {
            log.append(single(1, i, Durability.WRITTEN));
        }
        List<Long> before = readAll(log, 0);
        log = reopen();
        assertTrue(log.recovery().isClean(), log.recovery().detail());
        assertFalse(log.recovery().isEpochRaised());
        assertEquals(before, readAll(log, 0));
        assertEquals(1, log.epoch());
        assertEquals(1, log.epochs().size());
        log.attach(1, log.lastPosition());
        assertEquals(1, log.append(single(1, 201, Durability.WRITTEN)), "ordinals start anew");
    }

    @Test
    void shouldSeekToAPositionOrToWhatFollowsIt() {
        MessageLog log = openLog();
        log.attach(1, MessageLog.NULL_POSITION);
        for (int i = 1; i <= 100; i++) {
            log.append(single(1, i, Durability.WRITTEN));
        }
        List<Long> positions = readAll(log, 0);
        try (LogReader reader = log.openReader()) {
            for (int i = positions.size() - 1; i >= 0; i--) {
                assertTrue(reader.seek(positions.get(i)));
                assertTrue(reader.next());
                assertEquals(positions.get(i), reader.document().position());
            }
            assertFalse(reader.seek(MessageLog.NULL_POSITION));
            assertTrue(reader.next());
            assertEquals(positions.get(0), reader.document().position());
            assertFalse(reader.seek(log.lastPosition() + 1));
            assertFalse(reader.next());
            log.append(single(1, 101, Durability.WRITTEN));
            assertTrue(reader.next());
            assertEquals(log.lastPosition(), reader.document().position());
        }
    }

    @Test
    void shouldGiveBackWhereAChannelEndsWhenItIsDetached() {
        MessageLog log = openLog();
        log.attach(1, 77);
        assertEquals(77, log.detach(1));
        assertEquals(MessageLog.NULL_POSITION, log.detach(1));
        log.attach(1, 77);
        log.append(single(1, 1, Durability.WRITTEN));
        assertEquals(log.lastPosition(), log.detach(1));
    }

    @Test
    void shouldShowASnapshotAsOneRecord() {
        MessageLog log = openLog();
        UnsafeBuffer snapshot = new UnsafeBuffer(ByteBuffer.allocateDirect(100));
        snapshot.setMemory(0, 100, (byte) 5);
        assertTrue(log.appendSnapshot(snapshot, 10, 50) > 0);
        try (LogReader reader = log.openReader()) {
            assertTrue(reader.seek(log.lastPosition()));
            assertTrue(reader.next());
            LogDocument document = reader.document();
            assertEquals(LogDocument.Kind.SNAPSHOT, document.kind());
            assertEquals(50, document.recordLength(0, 0));
            assertEquals(5, document.buffer().getByte(document.recordOffset(0, 0) + 49));
            assertTrue(document.isIntact(0, 0));
        }
    }

    @Test
    void shouldFreeWholeFilesBeforeAPosition() throws IOException {
        MessageLog log = openLog();
        log.attach(1, MessageLog.NULL_POSITION);
        for (int i = 1; i <= 300; i++) {
            log.append(single(1, i, Durability.WRITTEN));
            clock.advanceMs(60_000);
        }
        List<Long> positions = readAll(log, 0);
        assertEquals(positions.get(0), log.truncateBefore(0));
        long oldest = log.truncateBefore(positions.get(200));
        assertTrue(oldest > positions.get(0) && oldest <= positions.get(200), "oldest is " + oldest);
        List<Long> kept = readAll(log, 0);
        assertEquals(oldest, kept.get(0));
        assertEquals(positions.subList(positions.indexOf(oldest), positions.size()), kept);
        log.append(single(1, 301, Durability.WRITTEN));
        log = reopen();
        assertTrue(log.recovery().isClean(), log.recovery().detail());
        assertEquals(kept.size() + 1, readAll(log, 0).size());
    }

    @Test
    void shouldReadConsistentlyWhileAnotherThreadAppends() throws Exception {
        MessageLog log = openLog();
        int documentCount = 20_000;
        for (int channel = 1; channel <= 4; channel++) {
            log.attach(channel, MessageLog.NULL_POSITION);
        }
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        Thread reading = new Thread(() -> {
            try (LogReader reader = log.openReader()) {
                reader.toStart();
                long[] next = {0, 1, 1, 1, 1};
                for (int count = 0; count < documentCount; ) {
                    if (!reader.next()) {
                        Thread.onSpinWait();
                        continue;
                    }
                    LogDocument document = reader.document();
                    if (document.kind() == LogDocument.Kind.RUNS) {
                        TestBatch.assertWhole(document);
                        assertEquals(next[(int) document.channel(0)]++, document.firstSequence(0));
                        count++;
                    }
                }
            } catch (Throwable e) {
                failure.set(e);
            } finally {
                done.countDown();
            }
        });
        reading.start();
        TestBatch batch = new TestBatch();
        for (int i = 0; i < documentCount; i++) {
            int channel = i % 4 + 1;
            assertTrue(log.append(batch.reset(i, Durability.WRITTEN)
                            .run(channel, i / 4 + 1, 1, i % 300)
                            .batch())
                    > 0);
        }
        done.await();
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    protected static List<Long> readAll(MessageLog log, long from) {
        List<Long> positions = new ArrayList<>();
        try (LogReader reader = log.openReader()) {
            if (from == 0) {
                reader.toStart();
            } else {
                reader.seek(from);
            }
            while (reader.next()) {
                TestBatch.assertWhole(reader.document());
                positions.add(reader.document().position());
            }
        }
        return positions;
    }
}
