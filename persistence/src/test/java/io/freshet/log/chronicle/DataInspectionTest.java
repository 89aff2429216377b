package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.LogFinding;
import io.freshet.log.LogFinding.Kind;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageException;
import io.freshet.log.StorageException.Reason;
import io.freshet.log.TestBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.main.DumpMain;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DataInspectionTest {
    private static final int DOCUMENT_COUNT = WrittenLog.FILE_COUNT * WrittenLog.DOCUMENTS_PER_FILE;

    @TempDir
    private Path temporary;

    private WrittenLog written;
    private final List<LogFinding> findings = new ArrayList<>();
    private final List<Long> positions = new ArrayList<>();

    @BeforeEach
    void write() throws IOException {
        written = new WrittenLog(temporary.resolve("data"));
    }

    private DataInspection.Totals inspect() {
        findings.clear();
        positions.clear();
        try (DataInspection inspection = DataInspection.open(written.root)) {
            return inspection.read((shard, document) -> positions.add(document.position()), findings::add);
        }
    }

    @Test
    void shouldReadEverythingAndChangeNothing() throws IOException {
        Map<Path, String> before = contents();
        try (DataInspection inspection = DataInspection.open(written.root)) {
            assertFalse(inspection.isInUse());
            assertEquals(1, inspection.shardCount());
            assertEquals(1, inspection.epoch(0));
            assertEquals("kitchen", inspection.channelName(2));
            assertEquals(1, inspection.channelId("lobby"));
            assertEquals(0, inspection.channelId("attic"));
            assertNull(inspection.namesFailure());
            DataInspection.Totals totals = inspection.read(
                    (shard, document) -> {
                        TestBatch.assertWhole(document);
                        return positions.add(document.position());
                    },
                    findings::add);
            assertEquals(List.of(), findings);
            assertEquals(WrittenLog.FILE_COUNT, totals.fileCount());
            assertEquals(DOCUMENT_COUNT + 1, totals.documentCount());
            assertEquals(DOCUMENT_COUNT, totals.recordCount());
            assertTrue(totals.length() > DOCUMENT_COUNT * 300L);
        }
        assertEquals(written.documents.stream().map(WrittenLog.Stored::position).toList(), positions);
        assertEquals(before, contents());
    }

    /** Every file with its time and a checksum of what is in it. */
    private Map<Path, String> contents() throws IOException {
        Map<Path, String> contents = new TreeMap<>();
        try (Stream<Path> tree = Files.walk(written.root)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                contents.put(
                        file,
                        Files.getLastModifiedTime(file) + " " + Files.size(file) + " "
                                + Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    @Test
    void shouldStopWhenNoMoreIsWanted() {
        int[] seen = {0};
        try (DataInspection inspection = DataInspection.open(written.root)) {
            inspection.read((shard, document) -> ++seen[0] < 7, findings::add);
        }
        assertEquals(7, seen[0]);
    }

    @Test
    void shouldNameARecordThatDoesNotMatchItsChecksum() throws IOException {
        WrittenLog.Stored hit = written.document(250);
        WrittenLog.flip(hit.file(), hit.end() - 3);
        DataInspection.Totals totals = inspect();
        assertEquals(
                List.of(new LogFinding(Kind.DAMAGED_RECORDS, 0, hit.file(), -1, hit.position(), 1, 126, 1)), findings);
        assertEquals(1, totals.damageCount());
        assertEquals(DOCUMENT_COUNT + 1, totals.documentCount());
    }

    @Test
    void shouldTellWhereAFileBreaksOffAndWhichRecordsAreLost() throws IOException {
        WrittenLog.Stored hit = written.document(300);
        WrittenLog.overwrite(hit.file(), hit.start(), new byte[100]);
        inspect();
        LogFinding missing = findings.get(0);
        assertEquals(Kind.MISSING_RECORDS, missing.kind());
        assertEquals(List.of(1L, 151L, 1L), List.of(missing.channel(), missing.sequence(), missing.count()));
        LogFinding broken = findings.get(1);
        assertEquals(Kind.BROKEN_FILE, broken.kind());
        assertEquals(hit.file(), broken.file());
        assertEquals(hit.start(), broken.offset());
        assertEquals(hit.position(), broken.position());
        assertEquals(2, findings.size());
        assertEquals(DOCUMENT_COUNT, positions.size());
    }

    @Test
    void shouldKnowWhatAnEarlierStartCouldNotSave() throws IOException {
        WrittenLog.Stored hit = written.document(300);
        WrittenLog.overwrite(hit.file(), hit.start(), new byte[100]);
        written.open().close();
        inspect();
        assertEquals(
                List.of(Kind.MISSING_RECORDS, Kind.FILLED_DOCUMENTS),
                findings.stream().map(LogFinding::kind).toList());
        assertEquals(hit.position(), findings.get(1).position());
        assertEquals(1, findings.get(1).count());
    }

    @Test
    void shouldNotTakeAnUnfinishedEndForDamage() throws IOException {
        ShardState state = Objects.requireNonNull(ShardState.load(written.root.resolve("shard-0/state")));
        state.saveOpen(BootId.current());
        WrittenLog.Stored last = written.documents.get(written.documents.size() - 1);
        WrittenLog.overwrite(last.file(), RollFileFormat.aligned(last.end()) + 8, (byte) 1, (byte) 2);
        DataInspection.Totals totals = inspect();
        assertEquals(
                List.of(Kind.UNFINISHED_END),
                findings.stream().map(LogFinding::kind).toList());
        assertEquals(0, totals.damageCount());
        assertEquals(RollFileFormat.aligned(last.end()), findings.get(0).offset());
        assertEquals(10, findings.get(0).count());
    }

    @Test
    void shouldMissWhatWasThereWhenTheLogWasClosed() throws IOException {
        WrittenLog.Stored last = written.documents.get(written.documents.size() - 1);
        try (RandomAccessFile file = new RandomAccessFile(last.file().toFile(), "rw")) {
            file.setLength(last.start());
        }
        Files.delete(written.files.get(1));
        inspect();
        List<Kind> kinds = findings.stream().map(LogFinding::kind).toList();
        assertTrue(
                kinds.containsAll(List.of(Kind.MISSING_FILE, Kind.MISSING_RECORDS, Kind.FALSE_END)), kinds::toString);
        assertEquals(written.files.get(1), findings.get(0).file());
    }

    @Test
    void shouldFindChroniclesOwnBytesFalse() throws IOException {
        WrittenLog.flip(written.files.get(0), 64);
        inspect();
        assertEquals(
                List.of(Kind.FALSE_INDEX),
                findings.stream().map(LogFinding::kind).toList());
        assertEquals(DOCUMENT_COUNT + 1, positions.size());
    }

    @Test
    void shouldGoOnWithoutNamesAndState() throws IOException {
        Files.delete(written.root.resolve("shard-0/state"));
        WrittenLog.overwrite(written.root.resolve("channels/data.mdb"), 0, new byte[8192]);
        DataInspection.Totals totals = inspect();
        assertEquals(
                List.of(Kind.LOST_NAMES, Kind.LOST_STATE),
                findings.stream().map(LogFinding::kind).toList());
        assertEquals(DOCUMENT_COUNT, totals.recordCount());
    }

    @Test
    void shouldTellThatTheStateIsLostWhenEveryFileOfTheLogIsGoneToo() throws IOException {
        Path shard = written.root.resolve("shard-0");
        try (Stream<Path> files = Files.list(shard.resolve("log"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        WrittenLog.overwrite(shard.resolve("state"), 0, new byte[8]);
        assertEquals(1, inspect().damageCount());
        assertEquals(Kind.LOST_STATE, findings.get(0).kind());
        Files.delete(shard.resolve("state"));
        assertEquals(1, inspect().damageCount());
        assertEquals(Kind.LOST_STATE, findings.get(0).kind());
    }

    @Test
    void shouldLookOnlyAtDataDirectoriesThatThisProcessHasNotOpen() {
        assertEquals(Reason.NOT_FRESHET, refusal(temporary));
        assertEquals(Reason.NOT_FRESHET, refusal(temporary.resolve("nowhere")));
        try (ChronicleStorage storage = written.open()) {
            assertEquals(Reason.IN_USE, refusal(written.root));
            storage.log(0).attach(1, MessageLog.NULL_POSITION);
        }
        DataInspection.open(written.root).close();
    }

    private static Reason refusal(Path root) {
        return assertThrows(StorageException.class, () -> DataInspection.open(root))
                .reason();
    }

    @Test
    void shouldBeReadByChroniclesOwnDump() {
        int count = 0;
        for (Path file : written.files) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DumpMain.dump(file.toFile(), new PrintStream(bytes, true, StandardCharsets.UTF_8), Long.MAX_VALUE);
            count += bytes.toString(StandardCharsets.UTF_8).split("--- !!data", -1).length - 1;
        }
        assertEquals(written.documents.size(), count);
    }
}
