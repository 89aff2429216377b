package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.Durability;
import io.freshet.log.Erasure;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.TestBatch;
import io.freshet.log.TestClock;
import io.freshet.log.document.DocumentEraser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An erasure that broke off anywhere is ended by the next start, and costs no other record. */
@Timeout(60)
class ErasureCrashTest {
    private static final int RECORD_COUNT = 4;
    private static final int PAYLOAD_LENGTH = 3000;

    @TempDir
    private Path temporary;

    private Path data = Path.of("");
    private final TestClock clock = new TestClock();
    private long position;
    private long documentOffset;
    private final List<Change> changes = new ArrayList<>();

    /** Bytes that an erasure writes. */
    private record Change(int offset, ByteBuffer bytes) {}

    /** The records 2 and 3 of channel 1. */
    private static final Erasure SOME = new Erasure() {
        @Override
        public boolean isTarget(long channel, long sequence, DirectBuffer record, int offset) {
            return channel == 1 && (sequence == 2 || sequence == 3);
        }

        @Override
        public void mark(MutableDirectBuffer record, int offset, int headLength) {
            record.putByte(offset, (byte) 0x7F);
        }
    };

    private ChronicleStorage open() {
        return ChronicleStorage.open(data, clock.config().build());
    }

    private Path shard() {
        return data.resolve("shard-0");
    }

    private Path rollFile() throws IOException {
        return List.copyOf(RollFiles.list(shard().resolve("log")).values()).get(0);
    }

    @BeforeEach
    void write() throws IOException {
        data = temporary.resolve("data");
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            log.attach(1, MessageLog.NULL_POSITION);
            TestBatch batch = new TestBatch();
            log.append(batch.reset(1, Durability.WRITTEN)
                    .run(1, 1, RECORD_COUNT, PAYLOAD_LENGTH)
                    .batch());
            position = log.lastPosition();
            log.append(batch.reset(2, Durability.WRITTEN)
                    .run(1, RECORD_COUNT + 1, 1, PAYLOAD_LENGTH)
                    .batch());
            try (LogReader reader = log.openReader()) {
                assertTrue(reader.seek(position) && reader.next());
                ChronicleReader own = (ChronicleReader) reader;
                documentOffset = own.documentOffset();
                ByteBuffer copy = own.copy();
                new DocumentEraser().erase(BufferUtil.address(copy), copy.limit(), SOME, (offset, length) -> {
                    ByteBuffer bytes = ByteBuffer.allocate(length).put(copy.slice(offset, length));
                    changes.add(new Change(offset, bytes.flip()));
                });
            }
        }
        assertEquals(2 * 3 + 1, changes.size());
    }

    private void saveJournal() throws IOException {
        ErasureJournal journal = new ErasureJournal(shard());
        journal.begin(RollFiles.CYCLE.toCycle(position));
        journal.beginDocument(position, documentOffset);
        changes.forEach(change -> journal.add(change.offset, change.bytes.duplicate()));
        journal.save();
    }

    private void writeChanges(int count) throws IOException {
        try (FileChannel channel = FileChannel.open(rollFile(), StandardOpenOption.WRITE)) {
            for (Change change : changes.subList(0, count)) {
                channel.write(change.bytes.duplicate(), documentOffset + change.offset);
            }
        }
    }

    private void check(boolean isErased) {
        try (ChronicleStorage storage = open()) {
            assertEquals("", storage.log(0).recovery().detail());
            try (LogReader reader = storage.log(0).openReader()) {
                assertTrue(reader.seek(position) && reader.next());
                for (int record = 0; record < RECORD_COUNT; record++) {
                    assertTrue(reader.document().isIntact(0, record));
                    int payload = reader.document().recordOffset(0, record) + TestBatch.HEAD_LENGTH;
                    boolean isZero = true;
                    for (int i = 0; i < PAYLOAD_LENGTH; i++) {
                        isZero &= reader.document().buffer().getByte(payload + i) == 0;
                    }
                    assertEquals(isErased && (record == 1 || record == 2), isZero, "record " + record);
                }
                assertTrue(reader.next());
                TestBatch.assertWhole(reader.document());
            }
        }
        assertFalse(Files.exists(shard().resolve("erasure")));
    }

    @Test
    void shouldEndAnErasureThatBrokeOffAnywhere() throws IOException {
        for (int count = 0; count <= changes.size(); count++) {
            saveJournal();
            writeChanges(count);
            check(true);
        }
    }

    @Test
    void shouldEndInTheCopyWhatIsHalfErased() throws IOException {
        for (int count = 0; count <= changes.size(); count++) {
            saveJournal();
            writeChanges(count);
            Path journal = shard().resolve("erasure");
            byte[] before = Files.readAllBytes(journal);
            Path copy = temporary.resolve("copy-" + count);
            Backup.copy(temporary.resolve("data"), copy);
            assertArrayEquals(before, Files.readAllBytes(journal), "a copy changes nothing");
            data = copy;
            check(true);
            data = temporary.resolve("data");
        }
    }

    @Test
    void shouldKeepCopiesWaitingWhileItErases() throws IOException {
        boolean[] wasKept = {false};
        Erasure looking = new Erasure() {
            @Override
            public boolean isTarget(long channel, long sequence, DirectBuffer record, int offset) {
                return SOME.isTarget(channel, sequence, record, offset);
            }

            @Override
            public void mark(MutableDirectBuffer record, int offset, int headLength) {
                wasKept[0] = true;
                assertThrows(OverlappingFileLockException.class, () -> ErasureLock.toCopy(shard()));
                SOME.mark(record, offset, headLength);
            }
        };
        try (ChronicleStorage storage = open()) {
            assertTrue(storage.log(0).erase(position, looking));
            storage.log(0).commitErased();
            try (ErasureLock copying = ErasureLock.toCopy(shard())) {
                assertNotNull(copying);
                assertThrows(
                        OverlappingFileLockException.class, () -> storage.log(0).erase(position, looking));
            }
        }
        assertTrue(wasKept[0]);
        check(true);
    }

    @Test
    void shouldLeaveTheDocumentWhenTheJournalItselfWasNotWhole() throws IOException {
        saveJournal();
        Path journal = shard().resolve("erasure");
        byte[] whole = Files.readAllBytes(journal);
        for (int kept : new int[] {0, 1, 7, 20, whole.length / 2, whole.length - 1}) {
            Files.write(journal, Arrays.copyOf(whole, kept));
            check(false);
        }
        whole[whole.length - 1] ^= 1;
        Files.write(journal, whole);
        check(false);
    }

    @Test
    void shouldNotWriteWhereAnotherDocumentLies() throws IOException {
        documentOffset += 4;
        saveJournal();
        check(false);
    }

    @Test
    void shouldEraseOnceAndNotTouchTheRest() throws IOException {
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            try (LogReader reader = log.openReader()) {
                assertTrue(reader.seek(position), "the document is copied before the erasure and given after it");
                assertTrue(log.erase(position, SOME));
                log.commitErased();
                assertTrue(reader.next());
                assertTrue(reader.document().isIntact(0, 1));
                assertEquals(
                        0x7F,
                        reader.document().buffer().getByte(reader.document().recordOffset(0, 1)));
            }
            assertFalse(log.erase(position, SOME), "it was erased before");
            assertFalse(log.erase(position + 1_000, SOME), "there is nothing");
            log.commitErased();
        }
        check(true);
    }

    @Test
    void shouldEraseInManyDocumentsOfManyFilesAtOnce() throws IOException {
        Erasure everySecond = new Erasure() {
            @Override
            public boolean isTarget(long channel, long sequence, DirectBuffer record, int offset) {
                return channel == 2 && sequence % 2 == 0;
            }

            @Override
            public void mark(MutableDirectBuffer record, int offset, int headLength) {
                SOME.mark(record, offset, headLength);
            }
        };
        List<Long> positions = new ArrayList<>();
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            log.attach(2, MessageLog.NULL_POSITION);
            TestBatch batch = new TestBatch();
            for (int i = 0; i < 300; i++) {
                batch.reset(3 + i, Durability.WRITTEN).run(2, 2 * i + 1, 2, 8 * PAYLOAD_LENGTH);
                assertTrue(log.append(batch.batch()) > 0);
                positions.add(log.lastPosition());
                if (i % 100 == 99) {
                    clock.advanceMs(3_600_000);
                }
            }
            for (int i : new int[] {299, 298, 5}) {
                assertTrue(log.erase(positions.get(i), everySecond));
            }
            for (int i = 0; i < 300; i++) {
                assertEquals(i != 5 && i < 298, log.erase(positions.get(i), everySecond), "document " + i);
            }
            log.commitErased();
        }
        check(false);
        try (ChronicleStorage storage = open();
                LogReader reader = storage.log(0).openReader()) {
            for (long at : positions) {
                assertTrue(reader.seek(at) && reader.next());
                for (int record = 0; record < 2; record++) {
                    int start = reader.document().recordOffset(0, record);
                    assertTrue(reader.document().isIntact(0, record));
                    assertEquals(record == 1, reader.document().buffer().getByte(start) == 0x7F);
                }
            }
        }
    }

    @Test
    void shouldRemoveWhatWasKeptAsideOfTheFile() throws IOException {
        Path aside = shard().resolve("damaged").resolve(rollFile().getFileName() + ".damaged");
        Files.createDirectories(shard().resolve("damaged"));
        Files.copy(rollFile(), aside);
        try (ChronicleStorage storage = open()) {
            assertTrue(storage.log(0).erase(position, SOME));
            storage.log(0).commitErased();
        }
        assertFalse(Files.exists(aside));
    }
}
