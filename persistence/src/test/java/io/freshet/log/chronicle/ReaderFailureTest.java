package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.StorageException;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.nio.BufferUnderflowException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.openhft.chronicle.core.io.IORuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reader that the machine refuses something: it must not take for damaged what it may read a moment later. */
@Timeout(60)
class ReaderFailureTest {
    private static final String UNUSED = "/dev/null";
    private static final String LIMIT = "/usr/bin/prlimit";
    private static final String FEW = "512";

    @TempDir
    private Path root;

    @Test
    void shouldFailAndReadOnLaterWhenAFileCannotBeOpened() throws Exception {
        assumeTrue(Files.isExecutable(Path.of(LIMIT)), "nothing here changes the limits of a process");
        WrittenLog log = new WrittenLog(root);
        List<Long> expected =
                log.documents.stream().map(WrittenLog.Stored::position).toList();
        List<Long> positions = new ArrayList<>();
        List<InputStream> taken = new ArrayList<>();
        try (ChronicleStorage storage = log.open();
                LogReader reader = storage.log(0).openReader()) {
            reader.toStart();
            readOn(reader, positions, 100);
            assertFalse(
                    ChronicleReader.isPassing(new StorageException(StorageException.Reason.CORRUPT, "loaded before")));
            String limit = limit();
            limitFiles(FEW);
            try {
                takeAllFiles(taken);
                assertThrows(StorageException.class, () -> readOn(reader, positions, Integer.MAX_VALUE));
            } finally {
                for (InputStream each : taken) {
                    each.close();
                }
                limitFiles(limit);
            }
            assertTrue(positions.size() < expected.size());
            readOn(reader, positions, Integer.MAX_VALUE);
        }
        assertEquals(expected, positions.subList(0, expected.size()), "nothing was passed over");
    }

    private static String limit() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.split("\\s+", -1)[3])
                .findFirst()
                .orElseThrow();
    }

    /** Says up to which number this process may open files from now on. */
    private static void limitFiles(String limit) throws Exception {
        String pid = String.valueOf(ProcessHandle.current().pid());
        Process limiting = new ProcessBuilder(LIMIT, "--pid", pid, "--nofile=" + limit + ":").start();
        assertEquals(0, limiting.waitFor());
    }

    private static void readOn(LogReader reader, List<Long> positions, int count) {
        for (int i = 0; i < count && reader.next(); i++) {
            LogDocument document = reader.document();
            positions.add(document.position());
        }
    }

    @Test
    void shouldTellWhatTheMachineRefusesFromWhatAFileHolds() throws IOException {
        Path file = Files.createFile(root.resolve("there"));
        assertTrue(ChronicleReader.isPassing(new IORuntimeException(new IOException("Map failed"))));
        assertTrue(ChronicleReader.isPassing(new FileNotFoundException(file + " (Too many open files)")));
        assertTrue(ChronicleReader.isPassing(new IllegalStateException(new OutOfMemoryError("Map failed"))));
        assertFalse(ChronicleReader.isPassing(new FileNotFoundException(file + "-not (No such file or directory)")));
        assertFalse(ChronicleReader.isPassing(new IORuntimeException(new StreamCorruptedException("a bad header"))));
        assertFalse(ChronicleReader.isPassing(new IORuntimeException(new EOFException())));
        assertFalse(ChronicleReader.isPassing(new BufferUnderflowException()));
        assertFalse(ChronicleReader.isPassing(new InternalError("a fault in an unsafe memory access")));
    }

    private static void takeAllFiles(List<InputStream> taken) {
        while (true) {
            try {
                taken.add(new FileInputStream(UNUSED));
            } catch (FileNotFoundException e) {
                return;
            }
        }
    }
}
