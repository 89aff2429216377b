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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real roll files, damaged as a disk or a person would, are opened in time; what was not hit is served. */
@Timeout(60)
class DamagedLogTest {
    private static final int DOCUMENTS_PER_FILE = 300;
    private static final int FILE_COUNT = 3;

    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();
    private Path root = Path.of("");
    private List<Path> files = List.of();
    private List<Document> written = new ArrayList<>();

    /** A document as it was written: where it lies. */
    private record Document(long position, Path file, long start, long end) {}

    @BeforeEach
    void write() throws IOException {
        root = temporary.resolve("data");
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            log.attach(1, MessageLog.NULL_POSITION);
            log.attach(2, MessageLog.NULL_POSITION);
            storage.index(0).catchUp();
            TestBatch batch = new TestBatch();
            for (int i = 0; i < FILE_COUNT * DOCUMENTS_PER_FILE; i++) {
                log.append(batch.reset(i, Durability.WRITTEN)
                        .run(1 + i % 2, 1 + i / 2, 1, i % 700)
                        .batch());
                if ((i + 1) % DOCUMENTS_PER_FILE == 0 && i + 1 < FILE_COUNT * DOCUMENTS_PER_FILE) {
                    clock.advanceMs(3_600_000);
                }
            }
        }
        files = List.copyOf(RollFiles.list(logDirectory()).values());
        assertEquals(FILE_COUNT, files.size());
        for (Path file : files) {
            locate(file);
        }
        assertEquals(FILE_COUNT * DOCUMENTS_PER_FILE + 1, written.size());
    }

    private ChronicleStorage open() {
        return ChronicleStorage.open(root, clock.config().build());
    }

    private Path logDirectory() {
        return root.resolve("shard-0/log");
    }

    /** Follows Chronicle's chain of documents in a sound file. */
    private void locate(Path file) throws IOException {
        int cycle = RollFiles.list(logDirectory()).entrySet().stream()
                .filter(entry -> entry.getValue().equals(file))
                .findFirst()
                .orElseThrow()
                .getKey();
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            long at = 0;
            for (int sequence = 0; ; ) {
                bytes.seek(at);
                int header = Integer.reverseBytes(bytes.readInt());
                if (header == 0 || header == RollFileFormat.END_OF_FILE) {
                    return;
                }
                long end = at + 4 + (header & RollFileFormat.LENGTH_MASK);
                if ((header & RollFileFormat.METADATA_BIT) == 0) {
                    written.add(new Document(RollFiles.CYCLE.toIndex(cycle, sequence++), file, at, end));
                }
                at = RollFileFormat.aligned(end);
            }
        }
    }

    private long usedLength(Path file) {
        return written.stream()
                .filter(d -> d.file.equals(file))
                .mapToLong(d -> d.end)
                .max()
                .orElseThrow();
    }

    /** Opens the damaged log and checks that exactly what was not hit is there, that it can go on, and stays so. */
    private String checkServed(Path file, long from, long to) {
        List<Long> expected = written.stream()
                .filter(d -> !d.file.equals(file) || d.end <= from || d.start >= to)
                .map(Document::position)
                .toList();
        return checkServed(expected);
    }

    private String checkServed(List<Long> expected) {
        String detail;
        List<Long> served;
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            detail = log.recovery().detail();
            assertFalse(detail.isEmpty(), "the damage was not noticed");
            assertEquals(log.recovery().isEpochRaised(), log.epoch() == 2);
            served = positions(log, 2);
            checkWhole(log, expected);
            assertTrue(served.containsAll(expected), () -> missing(expected, served));
            assertTrue(written.stream().map(Document::position).toList().containsAll(served));
            storage.index(0).catchUp();
            checkIndex(storage, log);
            log.attach(3, MessageLog.NULL_POSITION);
            assertTrue(log.append(TestBatch.single(3, 1, Durability.WRITTEN)) > 0);
        }
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            assertTrue(log.recovery().isClean(), () -> log.recovery().detail());
            List<Long> again = positions(log, 2);
            assertEquals(served, again.subList(0, served.size()));
            assertEquals(served.size() + 1, again.size());
        }
        return detail;
    }

    private static String missing(List<Long> expected, List<Long> served) {
        List<Long> missing = new ArrayList<>(expected);
        missing.removeAll(served);
        return missing.size() + " documents are missing, the first at " + Long.toHexString(missing.get(0));
    }

    /** Positions of all documents, apart from the mark of this epoch. */
    private static List<Long> positions(MessageLog log, int addedEpoch) {
        List<Long> positions = new ArrayList<>();
        try (LogReader reader = log.openReader()) {
            reader.toStart();
            while (reader.next()) {
                LogDocument document = reader.document();
                if (document.kind() != LogDocument.Kind.EPOCH || document.epoch() != addedEpoch) {
                    positions.add(document.position());
                }
            }
        }
        return positions;
    }

    /** Checks the bytes of every document that was not hit. */
    private static void checkWhole(MessageLog log, List<Long> expected) {
        try (LogReader reader = log.openReader()) {
            reader.toStart();
            while (reader.next()) {
                if (expected.contains(reader.document().position())) {
                    TestBatch.assertWhole(reader.document());
                }
            }
        }
    }

    private static void checkIndex(ChronicleStorage storage, MessageLog log) {
        ChannelTail tail = new ChannelTail();
        try (IndexReader index = storage.index(0).openReader();
                LogReader reader = log.openReader()) {
            reader.toStart();
            while (reader.next()) {
                LogDocument document = reader.document();
                for (int run = 0; run < document.runCount(); run++) {
                    assertEquals(document.position(), index.find(document.channel(run), document.firstSequence(run)));
                    assertTrue(index.tail(document.channel(run), tail));
                    assertTrue(tail.lastSequence >= document.firstSequence(run));
                }
            }
        }
    }

    private static void overwrite(Path file, long offset, byte[] bytes) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(offset);
            out.write(bytes);
        }
    }

    @RepeatedTest(12)
    void shouldServeTheRestWhenAPieceIsOverwritten(RepetitionInfo repetition) throws IOException {
        long seed = 1000L + repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Path file = files.get(random.nextInt(files.size()));
        long start = 140_000 + (long) (random.nextDouble() * (usedLength(file) - 160_000));
        byte[] garbage = new byte[1 + random.nextInt(4000)];
        if (repetition.getCurrentRepetition() % 2 == 0) {
            random.nextBytes(garbage);
        }
        overwrite(file, start, garbage);
        String detail = checkServed(file, start, start + garbage.length);
        assertTrue(detail.contains(file.getFileName().toString()), () -> "seed " + seed + ": " + detail);
    }

    @RepeatedTest(6)
    void shouldServeTheRestWhenAFileIsTruncated(RepetitionInfo repetition) throws IOException {
        Random random = new Random(2000 + repetition.getCurrentRepetition());
        Path file = files.get(random.nextInt(files.size()));
        long length = 132_000 + (long) (random.nextDouble() * (usedLength(file) - 132_000));
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(length);
        }
        checkServed(file, length, Long.MAX_VALUE);
    }

    @Test
    void shouldServeTheRestWhenAFileIsCutToNothing() throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(files.get(1).toFile(), "rw")) {
            out.setLength(0);
        }
        checkServed(files.get(1), 0, Long.MAX_VALUE);
    }

    @Test
    void shouldServeTheRestWhenTheLastFileIsCutToNothing() throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(files.get(2).toFile(), "rw")) {
            out.setLength(0);
        }
        checkServed(files.get(2), 0, Long.MAX_VALUE);
    }

    @RepeatedTest(8)
    void shouldServeEverythingWhenChroniclesOwnBytesAreOverwritten(RepetitionInfo repetition) throws IOException {
        Random random = new Random(3000 + repetition.getCurrentRepetition());
        Path file = files.get(random.nextInt(files.size()));
        byte[] garbage = new byte[8 + random.nextInt(60)];
        random.nextBytes(garbage);
        long[] places = {0, 60, 150, 180, 204, 240, 65_800, 65_820};
        overwrite(file, places[repetition.getCurrentRepetition() - 1], garbage);
        List<Long> all = written.stream().map(Document::position).toList();
        checkServed(all);
    }

    @Test
    void shouldServeEverythingWhenTheMetadataIsGarbage() throws IOException {
        byte[] garbage = new byte[2000];
        new Random(4).nextBytes(garbage);
        overwrite(logDirectory().resolve(RollFiles.METADATA), 0, garbage);
        try (ChronicleStorage storage = open()) {
            assertEquals(written.size(), positions(storage.log(0), 2).size());
            assertTrue(storage.log(0).recovery().isClean());
        }
    }

    @Test
    void shouldServeTheRestWhenAFileIsMissing() throws IOException {
        Files.delete(files.get(1));
        checkServed(files.get(1), 0, Long.MAX_VALUE);
    }

    @Test
    void shouldCutATornTailWithoutANewEpochWhenOnlyTheProcessDied() throws IOException {
        byte[] torn = new byte[333];
        new Random(5).nextBytes(torn);
        for (int i = 0; i < 4; i++) {
            torn[i] = 0;
        }
        long end = RollFileFormat.aligned(usedLength(files.get(2)));
        forgetCleanClose();
        overwrite(files.get(2), end, torn);
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            assertEquals(333, log.recovery().cutLength(), log.recovery().detail());
            assertFalse(log.recovery().isEpochRaised());
            assertEquals(written.size(), positions(log, 2).size());
            log.attach(1, MessageLog.NULL_POSITION);
            assertTrue(log.append(TestBatch.single(1, 100_000, Durability.WRITTEN)) > 0);
            assertEquals(written.size() + 1, positions(log, 2).size());
        }
    }

    @Test
    void shouldCompleteTheLastDocumentWhenOnlyItsHeaderIsMissing() throws IOException {
        forgetCleanClose();
        overwrite(files.get(2), written.get(written.size() - 1).start, new byte[4]);
        Document previous = written.get(written.size() - 2);
        long sequence = RollFiles.CYCLE.toSequenceNumber(previous.position);
        ByteBuffer writePosition = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        writePosition.putLong(previous.start).putLong(sequence << 32 | previous.start);
        overwrite(files.get(2), 64, writePosition.array());
        try (ChronicleStorage storage = open()) {
            assertEquals(written.size(), positions(storage.log(0), 2).size());
            assertFalse(storage.log(0).recovery().isEpochRaised());
        }
    }

    @Test
    void shouldRaiseTheEpochWhenTheMachineWentDown() throws IOException {
        ShardState state = Objects.requireNonNull(ShardState.load(root.resolve("shard-0/state")));
        state.saveOpen("another boot");
        try (ChronicleStorage storage = open()) {
            assertTrue(storage.log(0).recovery().isEpochRaised());
            assertEquals(2, storage.log(0).epoch());
            assertEquals(2, storage.log(0).epochs().size());
            assertEquals(
                    storage.log(0).lastPosition(),
                    storage.log(0).epochs().get(1).position());
        }
    }

    @Test
    void shouldFindItsEpochsInTheLogWhenTheStateFileIsLost() throws IOException {
        Files.delete(root.resolve("shard-0/state"));
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            assertEquals(2, log.epoch());
            assertEquals(written.get(0).position(), log.epochs().get(0).position());
            assertEquals(written.size(), positions(log, 2).size());
        }
    }

    /** Makes it look as if the process had died on this run of the machine. */
    private void forgetCleanClose() throws IOException {
        ShardState state = Objects.requireNonNull(ShardState.load(root.resolve("shard-0/state")));
        state.saveOpen(BootId.current());
    }
}
