package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.Durability;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.TestBatch;
import io.freshet.log.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** After a failed sync the page cache is not believed: the log is fenced, and opened again only after it was rewritten. */
@Timeout(60)
class FailedSyncTest {
    private static final int DOCUMENT_COUNT = 50;

    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();

    private ChronicleStorage open() {
        return ChronicleStorage.open(temporary.resolve("data"), clock.config().build());
    }

    private Path shard() {
        return temporary.resolve("data/shard-0");
    }

    private Path lastFile() throws IOException {
        List<Path> files = List.copyOf(RollFiles.list(shard().resolve("log")).values());
        return files.get(files.size() - 1);
    }

    /** Appends, lets the sync fail since the file cannot be opened, and puts the file back. */
    private void failASync() throws Exception {
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            log.attach(1, MessageLog.NULL_POSITION);
            clock.advanceMs(3_600_000);
            for (int i = 1; i <= DOCUMENT_COUNT; i++) {
                assertTrue(log.append(TestBatch.single(1, i, Durability.SYNCED)) > 0);
            }
            Path file = lastFile();
            Path elsewhere = temporary.resolve("elsewhere");
            Files.move(file, elsewhere);
            storage.agents().get(0).doWork();
            Files.move(elsewhere, file);
            assertTrue(log.isFenced());
            assertTrue(log.syncedPosition() < log.lastPosition());
            assertEquals(MessageLog.FENCED, log.append(TestBatch.single(1, DOCUMENT_COUNT + 1, Durability.SYNCED)));
            storage.agents().get(0).doWork();
            assertTrue(log.isFenced(), "a sync that succeeds later proves nothing");
        }
    }

    @Test
    void shouldWriteTheLogAgainBeforeItBelievesItAndBeginAnEpoch() throws Exception {
        failASync();
        assertTrue(Objects.requireNonNull(ShardState.load(shard().resolve("state")))
                .isSyncFailed());
        Path file = lastFile();
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            assertNotEquals(FileTime.fromMillis(0), Files.getLastModifiedTime(file));
            assertTrue(
                    log.recovery().detail().contains("a sync had failed"),
                    log.recovery().detail());
            assertTrue(log.recovery().isEpochRaised());
            assertFalse(log.isFenced());
            assertEquals(DOCUMENT_COUNT, recordCount(log));
            log.attach(1, MessageLog.NULL_POSITION);
            long ordinal = log.append(TestBatch.single(1, DOCUMENT_COUNT + 1, Durability.SYNCED));
            storage.agents().get(0).doWork();
            assertEquals(ordinal, log.completed(Durability.SYNCED));
        }

        try (ChronicleStorage storage = open()) {
            assertTrue(storage.log(0).recovery().isClean(), "the failure is forgotten once the log was written again");
            assertEquals(DOCUMENT_COUNT + 1, recordCount(storage.log(0)));
        }
    }

    private static int recordCount(MessageLog log) {
        int count = 0;
        try (LogReader reader = log.openReader()) {
            reader.toStart();
            while (reader.next()) {
                TestBatch.assertWhole(reader.document());
                count += reader.document().runCount();
            }
        }
        return count;
    }

    @Test
    void shouldChangeNoByteWhenItWritesAgain() throws IOException {
        WrittenLog written = new WrittenLog(temporary.resolve("written"));
        for (Path file : written.files) {
            byte[] before = Files.readAllBytes(file);
            RollFileRepair.writeAgain(file);
            assertArrayEquals(before, Files.readAllBytes(file));
        }
    }

    @Test
    void shouldNotBeFencedWhenOnlyItsNotesCannotBeWritten() throws Exception {
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            log.attach(1, MessageLog.NULL_POSITION);
            log.append(TestBatch.single(1, 1, Durability.SYNCED));
            clock.advanceMs(3_600_000);
            log.append(TestBatch.single(1, 2, Durability.SYNCED));
            Path obstacle = Files.createDirectories(shard().resolve("state.next/in-the-way"));
            storage.agents().get(0).doWork();
            assertFalse(log.isFenced());
            assertEquals(log.lastPosition(), log.syncedPosition());
            Files.delete(obstacle);
            Files.delete(shard().resolve("state.next"));
        }
    }
}
