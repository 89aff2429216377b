package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.ChannelTail;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.TestBatch;
import io.freshet.log.TestClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real roll files whose power was lost: some pages of what was not synced are there and some are zero. What was synced stays,
 * and of the rest only what has no hole before it. The files are copied while the log is open, as they lie in memory.
 */
@Timeout(60)
class UnsyncedTailTest {
    private static final int PAGE_LENGTH = 4096;
    private static final int CHANNEL_COUNT = 2;

    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();
    private final List<Document> written = new ArrayList<>();
    private Path root = Path.of("");
    private ChronicleStorage storage;
    private int recordCount;

    /** Where a document lies, header included. */
    private record Document(long position, Path file, long start, long end) {}

    @BeforeEach
    void openLog() {
        storage = ChronicleStorage.open(
                temporary.resolve("before"), clock.config().build());
        for (int channel = 1; channel <= CHANNEL_COUNT; channel++) {
            storage.log(0).attach(channel, MessageLog.NULL_POSITION);
        }
        storage.index(0).catchUp();
        root = temporary.resolve("after");
    }

    @AfterEach
    void closeLog() {
        storage.close();
    }

    /** Appends documents of one record, of the two channels in turn. */
    private void append(int count) {
        TestBatch batch = new TestBatch();
        for (int i = 0; i < count; i++, recordCount++) {
            batch.reset(recordCount, Durability.WRITTEN)
                    .run(1 + recordCount % CHANNEL_COUNT, 1 + recordCount / CHANNEL_COUNT, 1, recordCount * 7 % 700);
            assertTrue(storage.log(0).append(batch.batch()) > 0);
        }
    }

    /** Begins the next roll file with the next append. */
    private void roll() {
        clock.advanceMs(3_600_000);
    }

    private void sync() {
        ((ChronicleLog) storage.log(0)).sync();
        storage.index(0).catchUp();
        assertEquals(storage.log(0).lastPosition(), storage.log(0).syncedPosition());
    }

    /** Copies everything as it is in memory, and notes where each document lies in the copy. */
    private void crash(String bootId) throws IOException {
        Path from = temporary.resolve("before");
        try (Stream<Path> tree = Files.walk(from)) {
            for (Path file : (Iterable<Path>) tree::iterator) {
                Path copy = root.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else if (!file.getFileName().toString().endsWith("lock.mdb")) {
                    copyFile(file, copy);
                }
            }
        }
        Objects.requireNonNull(ShardState.load(root.resolve("shard-0/state"))).saveOpen(bootId);
        for (var file : RollFiles.list(root.resolve("shard-0/log")).entrySet()) {
            locate(file.getValue(), file.getKey());
        }
        assertEquals(recordCount + 1, written.size());
    }

    private void loseToPower() throws IOException {
        crash("the run before");
    }

    private static void copyFile(Path file, Path copy) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            SparseCopy.copy(in, out);
        }
        Files.setLastModifiedTime(copy, Files.getLastModifiedTime(file));
    }

    private void locate(Path file, int cycle) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            long at = 0;
            for (int sequence = 0; ; ) {
                bytes.seek(at);
                int header = Integer.reverseBytes(bytes.readInt());
                if (header == 0 || header == RollFileFormat.END_OF_FILE) {
                    return;
                }
                long end = at + Integer.BYTES + (header & RollFileFormat.LENGTH_MASK);
                if ((header & RollFileFormat.METADATA_BIT) == 0) {
                    written.add(new Document(RollFiles.CYCLE.toIndex(cycle, sequence++), file, at, end));
                }
                at = RollFileFormat.aligned(end);
            }
        }
    }

    /** Document number n of those appended, from 0: behind the mark that begins the epoch. */
    private Document document(int number) {
        return written.get(number + 1);
    }

    private static void zero(Path file, long from, long to) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(from);
            out.write(new byte[(int) (Math.min(to, out.length()) - from)]);
        }
    }

    private static void zero(Document document) throws IOException {
        zero(document.file, document.start, document.end);
    }

    private ChronicleStorage open() {
        return ChronicleStorage.open(root, clock.config().build());
    }

    private static List<Long> positions(MessageLog log) {
        List<Long> positions = new ArrayList<>();
        try (LogReader reader = log.openReader()) {
            reader.toStart();
            while (reader.next()) {
                LogDocument document = reader.document();
                TestBatch.assertWhole(document);
                if (document.kind() == LogDocument.Kind.RUNS) {
                    positions.add(document.position());
                }
            }
        }
        return positions;
    }

    /** Documents before a number, but for one. */
    private List<Long> documents(int end, int but) {
        List<Long> positions = new ArrayList<>();
        for (int number = 0; number < end; number++) {
            if (number != but) {
                positions.add(document(number).position);
            }
        }
        return positions;
    }

    /** Opens the log, which must have been cut at the document {@code end}, goes on with it, and opens it once more. */
    private String checkCutAt(int end, int damaged) throws IOException {
        List<Long> expected = documents(end, damaged);
        String detail;
        try (ChronicleStorage after = open()) {
            MessageLog log = after.log(0);
            detail = log.recovery().detail();
            assertEquals(expected, positions(log), detail);
            assertTrue(log.recovery().isEpochRaised());
            assertEquals(2, log.epoch());
            assertEquals(log.lastPosition(), log.epochs().get(1).position());
            assertTrue(log.epochs().get(1).position() > document(end - 1).position);
            goOn(after, end);
        }
        try (ChronicleStorage again = open()) {
            assertTrue(
                    again.log(0).recovery().isClean(),
                    () -> again.log(0).recovery().detail());
            assertEquals(expected.size() + 1, positions(again.log(0)).size());
        }
        return detail;
    }

    /** Every channel ends with the last record before the cut, and its next one takes the sequence behind. */
    private static void goOn(ChronicleStorage after, int end) {
        MessageLog log = after.log(0);
        after.index(0).catchUp();
        ChannelTail tail = new ChannelTail();
        try (IndexReader index = after.index(0).openReader()) {
            for (int number = end - CHANNEL_COUNT; number < end; number++) {
                assertTrue(index.tail(1 + number % CHANNEL_COUNT, tail));
                assertEquals(1 + number / CHANNEL_COUNT, tail.lastSequence);
            }
        }
        long channel = 1L + end % CHANNEL_COUNT;
        log.attach(channel, MessageLog.NULL_POSITION);
        assertTrue(log.append(TestBatch.single(channel, 1 + end / CHANNEL_COUNT, Durability.SYNCED)) > 0);
    }

    @Test
    void shouldKeepWhatLiesBehindFilesThatWereFreed() throws IOException {
        append(10);
        sync();
        roll();
        append(2);
        sync();
        loseToPower();
        Files.delete(document(0).file);
        try (ChronicleStorage after = open()) {
            assertEquals(
                    List.of(document(10).position, document(11).position),
                    positions(after.log(0)),
                    after.log(0).recovery().detail());
        }
    }

    @Test
    void shouldCutAtTheFirstHoleBehindWhatWasSynced() throws IOException {
        append(300);
        sync();
        append(200);
        loseToPower();
        zero(document(340));
        zero(document(420));
        String detail = checkCutAt(340, -1);
        assertTrue(detail.contains("159 documents") || detail.contains("158 documents"), detail);
        assertTrue(Files.exists(root.resolve("shard-0/damaged")), "what was cut is kept for people to look at");
    }

    @RepeatedTest(10)
    void shouldKeepAPrefixWhicheverPagesAreMissing(RepetitionInfo repetition) throws IOException {
        Random random = new Random(repetition.getCurrentRepetition());
        int syncedCount = 50 + random.nextInt(200);
        append(syncedCount);
        sync();
        append(100 + random.nextInt(300));
        loseToPower();
        Path file = written.get(0).file;
        long from = document(syncedCount).start / PAGE_LENGTH + 1;
        long to = written.get(written.size() - 1).end / PAGE_LENGTH + 1;
        long firstZero = Long.MAX_VALUE;
        for (long page = from; page < to; page++) {
            if (random.nextInt(4) == 0) {
                firstZero = Math.min(firstZero, page * PAGE_LENGTH);
                zero(file, page * PAGE_LENGTH, (page + 1) * PAGE_LENGTH);
            }
        }
        int before = 0;
        while (before < recordCount && document(before).end <= firstZero) {
            before++;
        }
        try (ChronicleStorage after = open()) {
            List<Long> positions = positions(after.log(0));
            assertEquals(
                    documents(positions.size(), -1),
                    positions,
                    after.log(0).recovery().detail());
            assertTrue(positions.size() >= before, "a document that has no hole before it is lost");
            assertTrue(positions.size() <= before + 2, "a document behind a hole is kept");
            goOn(after, positions.size());
        }
        try (ChronicleStorage again = open()) {
            assertTrue(
                    again.log(0).recovery().isClean(),
                    () -> again.log(0).recovery().detail());
        }
    }

    @Test
    void shouldGoAroundDamageInWhatLaterDocumentsSayWasSynced() throws IOException {
        append(100);
        sync();
        append(100);
        sync();
        append(200);
        loseToPower();
        zero(document(150));
        zero(document(300));
        String detail = checkCutAt(300, 150);
        assertTrue(detail.contains("1 between those kept were lost"), detail);
    }

    @Test
    void shouldKnowFromADocumentBehindTheHoleThatWhatIsMissingWasSynced() throws IOException {
        append(100);
        sync();
        append(100);
        sync();
        append(1);
        loseToPower();
        zero(document(150));
        checkGoesAround(150);
    }

    @Test
    void shouldCutADocumentWhoseRecordsWereNotOnTheDevice() throws IOException {
        append(300);
        sync();
        append(199);
        loseToPower();
        Document torn = document(400);
        zero(torn.file, torn.end - 20, torn.end);
        checkCutAt(400, -1);
    }

    @Test
    void shouldGoAroundEveryHoleWhenOnlyTheProcessDied() throws IOException {
        append(300);
        sync();
        append(200);
        crash(BootId.current());
        zero(document(340));
        checkGoesAround(340);
    }

    private void checkGoesAround(int damaged) {
        try (ChronicleStorage after = open()) {
            assertEquals(documents(recordCount, damaged), positions(after.log(0)));
            assertTrue(after.log(0).recovery().detail().contains("was damaged from byte"));
            assertTrue(after.log(0).recovery().isEpochRaised());
        }
    }

    @Test
    void shouldCutNothingWhenEverythingWasOnTheDevice() throws IOException {
        append(300);
        sync();
        append(200);
        loseToPower();
        try (ChronicleStorage after = open()) {
            assertEquals(documents(recordCount, -1), positions(after.log(0)));
            assertTrue(after.log(0).recovery().isEpochRaised());
            assertTrue(after.log(0).recovery().isClean());
        }
    }

    @Test
    void shouldPutAsideFilesBehindOneWhoseEndIsMissing() throws IOException {
        append(100);
        sync();
        append(100);
        roll();
        append(50);
        roll();
        append(50);
        loseToPower();
        Document last = document(199);
        zero(last.file, document(180).start, last.end + 16);
        String detail = checkCutAt(180, -1);
        assertEquals(2, detail.split("lies behind the first document", -1).length - 1, detail);
    }

    @Test
    void shouldPutAsideAFileBehindOneThatIsMissing() throws IOException {
        append(100);
        sync();
        roll();
        append(50);
        roll();
        append(50);
        loseToPower();
        Files.delete(document(120).file);
        checkCutAt(100, -1);
    }

    @Test
    void shouldGoAroundDamageInAFileThatWasLeftWhole() throws IOException {
        append(200);
        roll();
        append(100);
        sync();
        loseToPower();
        zero(document(60));
        checkGoesAround(60);
    }

    @Test
    void shouldNotTakeALogForSyncedSinceItWasClosedCleanlyBefore() throws IOException {
        append(100);
        storage.close();
        storage = ChronicleStorage.open(
                temporary.resolve("before"), clock.config().build());
        for (int channel = 1; channel <= CHANNEL_COUNT; channel++) {
            storage.log(0).attach(channel, document0(channel));
        }
        append(200);
        loseToPower();
        zero(document(50));
        zero(document(150));
        checkCutAt(150, 50);
    }

    /** Where the last run of a channel lies after the first 100 documents: the mark of the epoch stands before them. */
    private long document0(int channel) {
        return storage.log(0).lastPosition() - CHANNEL_COUNT + channel;
    }

    @Test
    void shouldCutWhatAFailedSyncDidNotBringToTheDevice() throws IOException {
        append(100);
        sync();
        append(100);
        crash(BootId.current());
        ShardState state = Objects.requireNonNull(ShardState.load(root.resolve("shard-0/state")));
        state.saveSyncFailed();
        zero(document(150));
        assertFalse(checkCutAt(150, -1).isEmpty());
    }
}
