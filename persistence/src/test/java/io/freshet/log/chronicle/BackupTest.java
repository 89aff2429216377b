package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.ChannelTail;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageException;
import io.freshet.log.StorageException.Reason;
import io.freshet.log.TestBatch;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BackupTest {
    @TempDir
    private Path temporary;

    private WrittenLog written;
    private Path copy = Path.of("");

    @BeforeEach
    void write() throws IOException {
        written = new WrittenLog(temporary.resolve("data"));
        copy = temporary.resolve("copy");
    }

    @Test
    void shouldMakeADirectoryThatOpensWithEverythingInItsPlace() throws IOException {
        Backup.Copied copied = Backup.copy(written.root, copy);
        assertEquals(WrittenLog.FILE_COUNT, copied.fileCount());
        assertEquals(WrittenLog.NAMES.size(), copied.channelCount());
        assertFalse(Files.exists(copy.resolve("shard-0/index")));
        try (DataInspection inspection = DataInspection.open(copy)) {
            assertEquals(
                    0, inspection.read((shard, document) -> true, finding -> {}).damageCount());
        }
        try (ChronicleStorage storage = written.open(copy)) {
            MessageLog log = storage.log(0);
            assertTrue(log.recovery().isEpochRaised(), "clients may have seen more than the copy has");
            assertEquals(2, log.epoch());
            assertEquals(2, storage.channels().find("kitchen"));
            List<Long> positions = positions(log);
            assertEquals(written.documents.size() + 1, positions.size());
            assertEquals(
                    written.documents.stream().map(WrittenLog.Stored::position).toList(),
                    positions.subList(0, written.documents.size()));
            storage.index(0).catchUp();
            checkGoesOn(storage);
        }
    }

    private static List<Long> positions(MessageLog log) {
        List<Long> positions = new ArrayList<>();
        try (LogReader reader = log.openReader()) {
            reader.toStart();
            while (reader.next()) {
                TestBatch.assertWhole(reader.document());
                positions.add(reader.document().position());
            }
        }
        return positions;
    }

    private static void checkGoesOn(ChronicleStorage storage) {
        ChannelTail tail = new ChannelTail();
        try (IndexReader index = storage.index(0).openReader()) {
            assertTrue(index.tail(2, tail));
        }
        assertEquals(WrittenLog.FILE_COUNT * WrittenLog.DOCUMENTS_PER_FILE / 2, tail.lastSequence);
        storage.log(0).attach(2, tail.lastPosition);
        assertTrue(storage.log(0).append(TestBatch.single(2, tail.lastSequence + 1, Durability.WRITTEN)) > 0);
    }

    @Test
    void shouldCopyTheFileThatIsAppendedToUpToWhatWasThere() throws Exception {
        Path target = Files.createDirectories(copy);
        AtomicLong appended = new AtomicLong();
        try (ChronicleStorage storage = written.open()) {
            MessageLog log = storage.log(0);
            log.attach(3, MessageLog.NULL_POSITION);
            int cycle = RollFiles.CYCLE.toCycle(log.lastPosition());
            Path file = RollFiles.file(written.logDirectory(), cycle);
            boolean[] isStopped = {false};
            Thread appending = new Thread(() -> {
                TestBatch batch = new TestBatch();
                for (long sequence = 1; !isStopped[0] && sequence < 50_000; sequence++) {
                    log.append(batch.reset(sequence, Durability.WRITTEN)
                            .run(3, sequence, 1, (int) (sequence % 900))
                            .batch());
                    appended.set(sequence);
                }
            });
            appending.start();
            for (int round = 0; round < 6; round++) {
                long before = appended.get();
                Path to = Files.createDirectories(target.resolve("copy-" + round));
                RollFileScan scan = RollFileRepair.copyGrowing(file, cycle, to);
                assertFalse(RollFileScan.isBroken(file, cycle, scan));
                long[] last = {0};
                RollFileScan copied = RollFileScan.of(RollFiles.file(to, cycle), cycle, document -> {
                    TestBatch.assertWhole(document);
                    last[0] = document.runCount() > 0 && document.channel(0) == 3 ? document.firstSequence(0) : last[0];
                });
                assertTrue(copied.isSound());
                assertEquals(0, copied.restLength());
                assertTrue(last[0] >= before, last[0] + " of " + before + " in round " + round);
            }
            isStopped[0] = true;
            appending.join();
        }
    }

    @Test
    void shouldTakeAHoleInACopyForDamageSinceAllOfItWasOnTheDevice() throws IOException {
        Backup.copy(written.root, copy);
        int last = WrittenLog.FILE_COUNT * WrittenLog.DOCUMENTS_PER_FILE - 1;
        WrittenLog.Stored damaged = written.document(last - 50);
        byte[] nothing = new byte[(int) (damaged.end() - damaged.start())];
        WrittenLog.overwrite(copy.resolve(written.root.relativize(damaged.file())), damaged.start(), nothing);
        try (ChronicleStorage storage = written.open(copy)) {
            List<Long> positions = positions(storage.log(0));
            assertFalse(positions.contains(damaged.position()));
            assertTrue(positions.contains(written.document(last).position()), "what lies behind the damage is kept");
        }
    }

    @Test
    void shouldRefuseAPlaceWhereItWouldDoHarm() throws IOException {
        Path full = Files.createDirectories(temporary.resolve("full"));
        Files.writeString(full.resolve("holiday.jpg"), "mine");
        assertEquals(Reason.NOT_WRITABLE, refusal(written.root, full));
        assertEquals(Reason.NOT_WRITABLE, refusal(written.root, written.root.resolve("within")));
        assertEquals(Reason.NOT_FRESHET, refusal(full, copy));
        try (ChronicleStorage storage = written.open()) {
            assertEquals(1, storage.shardCount());
            assertEquals(Reason.IN_USE, refusal(written.root, copy));
        }
    }

    private static Reason refusal(Path from, Path to) {
        return assertThrows(StorageException.class, () -> Backup.copy(from, to)).reason();
    }

    @Test
    void shouldBeNoDataDirectoryUntilItIsWhole() throws IOException {
        WrittenLog.overwrite(written.root.resolve("channels/data.mdb"), 0, new byte[8192]);
        assertThrows(RuntimeException.class, () -> Backup.copy(written.root, copy));
        assertTrue(Files.isDirectory(copy.resolve("shard-0/log")));
        StorageException refused = assertThrows(StorageException.class, () -> written.open(copy));
        assertEquals(Reason.NOT_FRESHET, refused.reason());
    }

    @Test
    void shouldKeepHolesWhenItCopiesBytes() throws IOException {
        Path sparse = temporary.resolve("sparse");
        byte[] bytes = new byte[100_000];
        new Random(5).nextBytes(bytes);
        WrittenLog.overwrite(sparse, 3_000_000, bytes);
        WrittenLog.overwrite(sparse, 9_999_999, (byte) 0);
        Path copied = temporary.resolve("copied");
        try (FileChannel in = FileChannel.open(sparse, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(copied, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long count = SparseCopy.copy(in, out);
            assertTrue(count >= bytes.length && count <= 3 * 65_536, count + " bytes were written");
        }
        assertEquals(-1, Files.mismatch(sparse, copied));
    }
}
