package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.ChannelTail;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.MessageLog;
import io.freshet.log.TestBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts that are killed while they recover, or before anything was appended, and the start after them. */
@Timeout(60)
class RepeatedRecoveryTest {
    private static final long HOUR_MS = 3_600_000;
    private static final long CHANNEL = 1;
    private static final long LAST_SEQUENCE = (long) WrittenLog.FILE_COUNT * WrittenLog.DOCUMENTS_PER_FILE / 2;

    @TempDir
    private Path root;

    @Test
    void shouldKnowTheEndOfTheLogWhenAServerIsKilledTwiceAtTheTurnOfAnHour() throws IOException {
        WrittenLog log = new WrittenLog(root);
        ShardState state = state(log);
        state.opened(MessageLog.NULL_POSITION, log.files.get(log.files.size() - 1)); // as when the log was new
        state.saveOpen(BootId.current());
        beginFile(log);

        recover(log); // and is killed
        assertEndsAsWritten(log, recover(log));
        assertGoesOn(log);
    }

    @Test
    void shouldLookWhereTheLogEndsWhenNothingSaysSo() throws IOException {
        WrittenLog log = new WrittenLog(root);
        ShardState state = state(log);
        state.opened(
                MessageLog.NULL_POSITION, null); // every file is known to be intact, and not where the last one ends
        state.saveOpen(BootId.current());
        beginFile(log);

        assertEndsAsWritten(log, recover(log));
        assertGoesOn(log);
    }

    private static ShardState state(WrittenLog log) throws IOException {
        return Objects.requireNonNull(ShardState.load(log.root.resolve("shard-0/state")));
    }

    /** The first append of an hour came as far as to make the file. */
    private static void beginFile(WrittenLog log) throws IOException {
        log.clock.advanceMs(HOUR_MS);
        Path directory = log.logDirectory();
        try (SingleChronicleQueue queue = RollFiles.openQueue(directory, log.clock::epochMs);
                ExcerptAppender appender = queue.createAppender();
                DocumentContext context = appender.writingDocument()) {
            context.rollbackOnClose();
        }
        assertEquals(WrittenLog.FILE_COUNT + 1, RollFiles.list(directory).size());
    }

    private static Recovered recover(WrittenLog log) throws IOException {
        return new LogRecovery(log.root.resolve("shard-0")).recover();
    }

    private static void assertEndsAsWritten(WrittenLog log, Recovered recovered) {
        assertEquals(log.documents.get(log.documents.size() - 1).position(), recovered.lastPosition());
        assertFalse(recovered.isEpochDue());
    }

    private static void assertGoesOn(WrittenLog log) {
        try (ChronicleStorage storage = log.open()) {
            storage.index(0).catchUp();
            ChannelTail tail = new ChannelTail();
            try (IndexReader index = storage.index(0).openReader()) {
                assertTrue(index.tail(CHANNEL, tail));
            }
            assertEquals(LAST_SEQUENCE, tail.lastSequence);
            storage.log(0).attach(CHANNEL, tail.lastPosition);
            assertTrue(storage.log(0).append(TestBatch.single(CHANNEL, LAST_SEQUENCE + 1, Durability.WRITTEN)) > 0);
        }
    }

    @Test
    void shouldForgetTheIndexBeforeTheLogLosesWhatItKnows() throws IOException {
        WrittenLog log = new WrittenLog(root);
        Path index = root.resolve("shard-0/index");
        assertTrue(Files.exists(index));
        WrittenLog.flip(log.document(50).file(), log.document(50).start()); // the header: the chain ends there
        Path aside = Files.createFile(root.resolve("shard-0/damaged")); // so that the repair breaks off

        assertThrows(IOException.class, () -> recover(log));
        assertFalse(Files.exists(index), "a start that finds the log repaired would believe it");

        Files.delete(aside);
        recover(log); // and is killed
        assertGoesOn(log);
    }
}
