package io.freshet.log.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.TestBatch;
import io.freshet.log.TestClock;
import io.freshet.log.memory.MemoryDisk.Kept;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A crash of the disk in memory loses what a real one would, and recovery follows the same rules. */
@Timeout(20)
class MemoryCrashTest {
    private final TestClock clock = new TestClock();
    private final MemoryDisk disk = new MemoryDisk();

    private MemoryStorage open() {
        MemoryStorage storage = MemoryStorage.open(disk, clock.config().build());
        storage.index(0).catchUp();
        return storage;
    }

    private static void runAgents(MemoryStorage storage) throws Exception {
        for (Agent agent : storage.agents()) {
            agent.doWork();
        }
    }

    private static int appendSyncedAndWritten(MemoryStorage storage) throws Exception {
        MessageLog log = storage.log(0);
        log.attach(1, MessageLog.NULL_POSITION);
        for (int i = 1; i <= 10; i++) {
            log.append(TestBatch.single(1, i, i == 6 ? Durability.SYNCED : Durability.WRITTEN));
            if (i == 6) {
                runAgents(storage);
            }
        }
        return 6;
    }

    private static long lastSequence(MessageLog log) {
        long last = 0;
        try (LogReader reader = log.openReader()) {
            reader.toStart();
            while (reader.next()) {
                for (int run = 0; run < reader.document().runCount(); run++) {
                    last = reader.document().firstSequence(run);
                }
            }
        }
        return last;
    }

    @Test
    void shouldKeepWhatWasWrittenAndTheEpochWhenTheProcessDies() throws Exception {
        MemoryStorage first = open();
        appendSyncedAndWritten(first);
        disk.crash(Kept.WRITTEN, true);
        assertEquals(MessageLog.FENCED, first.log(0).append(TestBatch.single(1, 11, Durability.WRITTEN)));
        MemoryStorage second = open();
        assertEquals(10, lastSequence(second.log(0)));
        assertEquals(1, second.log(0).epoch());
        assertTrue(second.log(0).recovery().cutLength() > 0);
        assertFalse(second.log(0).recovery().isEpochRaised());
        first.close();
        assertEquals(1, second.log(0).completed(Durability.WRITTEN) + 1);
    }

    @Test
    void shouldKeepWhatWasSyncedAndRaiseTheEpochWhenTheMachineGoesDown() throws Exception {
        int synced = appendSyncedAndWritten(open());
        disk.crash(Kept.SYNCED, false);
        MemoryStorage second = open();
        MessageLog log = second.log(0);
        assertEquals(synced, lastSequence(log));
        assertEquals(2, log.epoch());
        assertTrue(log.recovery().isEpochRaised());
        assertEquals(log.lastPosition(), log.epochs().get(1).position());
        try (IndexReader reader = second.index(0).openReader()) {
            assertEquals(
                    synced, reader.lastSequenceBefore(1, log.epochs().get(1).position()));
        }
    }

    @Test
    void shouldHoldBackSyncsAndFenceWhenOneFails() throws Exception {
        MemoryStorage storage = open();
        MessageLog log = storage.log(0);
        log.attach(1, MessageLog.NULL_POSITION);
        storage.faults(0).holdSync();
        long ordinal = log.append(TestBatch.single(1, 1, Durability.SYNCED));
        runAgents(storage);
        assertTrue(log.completed(Durability.SYNCED) < ordinal);
        storage.faults(0).releaseSync();
        runAgents(storage);
        assertEquals(ordinal, log.completed(Durability.SYNCED));
        log.append(TestBatch.single(1, 2, Durability.SYNCED));
        storage.faults(0).failSync();
        runAgents(storage);
        assertTrue(log.isFenced());
        assertEquals(ordinal, log.completed(Durability.SYNCED));
        assertEquals(MessageLog.FENCED, log.append(TestBatch.single(1, 3, Durability.WRITTEN)));
    }

    @Test
    void shouldRefuseAppendsByName() {
        MemoryStorage storage = open();
        MessageLog log = storage.log(0);
        log.attach(1, MessageLog.NULL_POSITION);
        storage.faults(0).refuse(MessageLog.NO_SPACE);
        assertEquals(MessageLog.NO_SPACE, log.append(TestBatch.single(1, 1, Durability.WRITTEN)));
        storage.faults(0).refuse(MessageLog.FAILED);
        assertEquals(MessageLog.FAILED, log.append(TestBatch.single(1, 1, Durability.WRITTEN)));
        storage.faults(0).accept();
        assertTrue(log.append(TestBatch.single(1, 1, Durability.WRITTEN)) > 0);
        storage.faults(0).refuse(MessageLog.FENCED);
        assertEquals(MessageLog.FENCED, log.append(TestBatch.single(1, 2, Durability.WRITTEN)));
        storage.faults(0).accept();
        assertEquals(MessageLog.FENCED, log.append(TestBatch.single(1, 2, Durability.WRITTEN)));
    }

    @Test
    void shouldBeOpenedByOneStorageAtATime() {
        open();
        assertThrows(IllegalStateException.class, this::open);
    }
}
