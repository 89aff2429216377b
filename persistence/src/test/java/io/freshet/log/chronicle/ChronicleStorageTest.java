package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.log.Durability;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.StorageException;
import io.freshet.log.StorageException.Reason;
import io.freshet.log.TestBatch;
import io.freshet.log.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.impl.single.TableStoreWriteLock;
import net.openhft.chronicle.queue.impl.table.Metadata;
import net.openhft.chronicle.queue.impl.table.SingleTableBuilder;
import net.openhft.chronicle.threads.BusyTimedPauser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ChronicleStorageTest {
    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();

    private ChronicleStorage open(Path root) {
        return ChronicleStorage.open(root, clock.config().build());
    }

    private static String refused(Reason reason, Executable opening) {
        StorageException refusal = assertThrows(StorageException.class, opening);
        assertEquals(reason, refusal.reason(), refusal.getMessage());
        return String.valueOf(refusal.getMessage());
    }

    @Test
    void shouldRefuseASecondOpeningWhileTheFirstLasts() {
        Path root = temporary.resolve("data");
        try (ChronicleStorage first = open(root)) {
            String refusal = refused(Reason.IN_USE, () -> open(root));
            assertTrue(refusal.contains(root.toString()));
            assertEquals(1, first.shardCount());
        }
        open(root).close();
    }

    @Test
    void shouldLeaveADirectoryAloneWhenItIsNotOurs() throws IOException {
        Path note = temporary.resolve("note.txt");
        Files.writeString(note, "mine");
        String refusal = refused(Reason.NOT_FRESHET, () -> open(temporary));
        assertTrue(refusal.contains("note.txt"));
        try (var entries = Files.list(temporary)) {
            assertEquals(List.of(note), entries.toList());
        }
        refused(Reason.NOT_FRESHET, () -> open(note));
    }

    @Test
    void shouldRefuseAnotherVersionOrShardCount() throws IOException {
        Path root = temporary.resolve("data");
        open(root).close();
        StorageConfig config = clock.config().shardCount(2).build();
        String mismatch = refused(Reason.SHARD_COUNT_MISMATCH, () -> ChronicleStorage.open(root, config));
        assertTrue(mismatch.contains("with 1 shards"), mismatch);
        Path mark = root.resolve("freshet.properties");
        Files.writeString(mark, Files.readString(mark).replace("version=1", "version=9"));
        String version = refused(Reason.WRONG_VERSION, () -> open(root));
        assertTrue(version.contains("'9'"), version);
        Files.writeString(mark, "format=other\n");
        refused(Reason.NOT_FRESHET, () -> open(root));
    }

    @Test
    void shouldSayThatADirectoryCannotBeWritten() throws IOException {
        assumeTrue(!"root".equals(System.getProperty("user.name")), "root may write anywhere");
        Path root = temporary.resolve("data");
        Files.createDirectory(root);
        assertTrue(root.toFile().setWritable(false));
        refused(Reason.NOT_WRITABLE, () -> open(root));
    }

    @Test
    void shouldSayThatADirectoryCannotBeMade() {
        refused(Reason.NOT_WRITABLE, () -> open(Path.of("/proc/freshet-data")));
    }

    @Test
    void shouldOpenAtOnceWhenADeadProcessOfTheSameIdHeldChroniclesLock() {
        Path root = temporary.resolve("data");
        open(root).close();
        SingleChronicleQueueBuilder.addAliases();
        try (var store = SingleTableBuilder.binary(
                                root.resolve("shard-0/log").resolve(RollFiles.METADATA), Metadata.NoMeta.INSTANCE)
                        .readOnly(false)
                        .build();
                TableStoreWriteLock lock = new TableStoreWriteLock(store, BusyTimedPauser::new, 0L)) {
            lock.lock();
            long start = System.nanoTime();
            try (ChronicleStorage storage = open(root)) {
                storage.log(0).attach(1, MessageLog.NULL_POSITION);
                assertTrue(storage.log(0).append(TestBatch.single(1, 1, Durability.WRITTEN)) > 0);
            }
            assertTrue(System.nanoTime() - start < 5_000_000_000L);
        }
    }

    @Test
    void shouldOpenWhenTheFirstRunOfAllDiedBehindItsFirstFile() throws Exception {
        Path root = temporary.resolve("data");
        Path left = temporary.resolve("left");
        long lastPosition;
        try (ChronicleStorage storage = open(root)) {
            MessageLog log = storage.log(0);
            log.attach(1, MessageLog.NULL_POSITION);
            log.append(TestBatch.single(1, 1, Durability.SYNCED));
            clock.advanceMs(3_600_000);
            log.append(TestBatch.single(1, 2, Durability.SYNCED));
            storage.agents().get(0).doWork();
            lastPosition = log.lastPosition();
            assertEquals(
                    0,
                    new ProcessBuilder("cp", "-a", root.toString(), left.toString())
                            .inheritIO()
                            .start()
                            .waitFor());
        }
        try (ChronicleStorage storage = open(left)) {
            assertEquals(lastPosition, storage.log(0).lastPosition());
            assertTrue(storage.log(0).recovery().isClean(), storage.log(0).recovery()::detail);
            assertFalse(storage.log(0).recovery().isEpochRaised());
        }
    }

    @Test
    void shouldRefuseAppendsUntilThereIsSpaceAgain() throws IOException {
        StorageConfig config = clock.config().minFreeLength(1000).build();
        long[] usable = {999};
        SpaceGuard space = new SpaceGuard(() -> usable[0]);
        Recovered recovered = new LogRecovery(temporary.resolve("shard")).recover();
        try (ChronicleLog log = new ChronicleLog(recovered, config, space, new WakeSignal());
                LogPreparer preparer = new LogPreparer(List.of(log), space, config)) {
            log.attach(1, MessageLog.NULL_POSITION);
            preparer.doWork();
            assertEquals(MessageLog.NO_SPACE, log.append(TestBatch.single(1, 1, Durability.WRITTEN)));
            usable[0] = AppendReserve.NEW_FILE_LENGTH - 1;
            lookAgain(preparer);
            assertTrue(log.append(TestBatch.single(1, 1, Durability.WRITTEN)) > 0, "the file has begun with its epoch");
            clock.advanceMs(3_600_000);
            assertEquals(
                    MessageLog.NO_SPACE,
                    log.append(TestBatch.single(1, 2, Durability.WRITTEN)),
                    "the next file would take more than there is");
            usable[0]++;
            assertTrue(space.isLow());
            lookAgain(preparer);
            assertTrue(log.append(TestBatch.single(1, 2, Durability.WRITTEN)) > 0);
        }
    }

    private void lookAgain(LogPreparer preparer) throws IOException {
        clock.advanceMs(100);
        preparer.doWork();
    }

    @Test
    void shouldReserveAheadAndGiveBackWhatWasNotUsed() throws Exception {
        assumeTrue(LinuxFiles.instance() != null, "only Linux reserves");
        Path root = temporary.resolve("data");
        long used;
        try (ChronicleStorage storage = open(root)) {
            MessageLog log = storage.log(0);
            log.attach(1, MessageLog.NULL_POSITION);
            log.append(TestBatch.single(1, 1, Durability.WRITTEN));
            for (var agent : storage.agents()) {
                agent.doWork();
            }
            used = blockLength(root);
            assertTrue(used >= clock.config().build().prepareLength(), used + " bytes are reserved");
        }
        assertTrue(blockLength(root) < 1 << 20);
    }

    /** Bytes on the device of the one roll file. */
    private static long blockLength(Path root) throws IOException, InterruptedException {
        Path file =
                RollFiles.list(root.resolve("shard-0/log")).values().iterator().next();
        Process du = new ProcessBuilder("du", "--block-size=1", file.toString()).start();
        String out = new String(du.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertEquals(0, du.waitFor());
        return Long.parseLong(out.substring(0, out.indexOf('\t')));
    }

    @Test
    void shouldCheckEveryValueOfItsConfigurationByName() {
        assertNotNull(StorageConfig.defaults());
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class, () -> StorageConfig.builder().shardCount(3));
        assertEquals("shardCount is 3, must be a power of two, 1..64", refusal.getMessage());
        assertThrows(
                IllegalArgumentException.class, () -> StorageConfig.builder().maxDocumentLength(1));
        assertThrows(
                IllegalArgumentException.class, () -> StorageConfig.builder().syncInterval(Duration.ZERO));
    }

    @Test
    void shouldDrawNoAttention() {
        open(temporary.resolve("data")).close();
        assertEquals("true", System.getProperty("chronicle.analytics.disable"));
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().contains("disk")));
    }
}
