package io.freshet.engine.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageException;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.testing.FuzzInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A real log whose files were harmed as an input says. It opens in time, or says by name why not; it tells when something is missing; no record is
 * served that was not written there, byte for byte, whether it is read in order or sought for; the log takes further records, and opens again with exactly
 * what it served.
 */
public final class LogRecoveryFuzz {
    private static final int NEW_CHANNEL = 9;
    private static final SoundLog SOUND = write();

    private LogRecoveryFuzz() {}

    private static SoundLog write() {
        try {
            return new SoundLog(Long.MAX_VALUE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            Path root = Files.createTempDirectory("freshet-fuzz");
            try {
                SOUND.restore(root);
                SOUND.harm(root, new FuzzInput(data));
                check(root);
            } finally {
                SoundLog.delete(root);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(Path root) {
        Map<Long, Integer> served;
        try (ChronicleStorage storage = ChronicleStorage.open(root, SOUND.config())) {
            MessageLog log = storage.log(0);
            served = read(log);
            boolean isMissing = served.size() < SoundLog.DOCUMENT_COUNT;
            assertFalse(isMissing && log.recovery().isClean(), "documents are missing, and nobody says so");
            storage.index(0).catchUp();
            log.attach(NEW_CHANNEL, MessageLog.NULL_POSITION);
            assertTrue(log.append(SoundLog.batch(NEW_CHANNEL, 1)) > 0, "it takes no record");
        } catch (StorageException e) {
            assertFalse(e.reason().name().isEmpty());
            return;
        }
        try (ChronicleStorage storage = ChronicleStorage.open(root, SOUND.config())) {
            MessageLog log = storage.log(0);
            assertTrue(log.recovery().isClean(), () -> log.recovery().detail());
            Map<Long, Integer> again = read(log);
            assertEquals(
                    1,
                    again.entrySet().stream()
                            .filter(each -> !served.containsKey(each.getKey()))
                            .count());
            served.forEach((position, intact) -> assertEquals(intact, again.get(position)));
        }
    }

    /** By position, how many records of each document are intact; checks those. */
    private static Map<Long, Integer> read(MessageLog log) {
        Map<Long, Integer> found = new HashMap<>();
        Map<Long, Long> lastSequences = new HashMap<>();
        try (LogReader reader = log.openReader()) {
            reader.toStart();
            while (reader.next()) {
                LogDocument document = reader.document();
                for (int run = 0; document.kind() == LogDocument.Kind.RUNS && run < document.runCount(); run++) {
                    long before = lastSequences.getOrDefault(document.channel(run), 0L);
                    assertTrue(document.firstSequence(run) > before, "a sequence comes again");
                    lastSequences.put(document.channel(run), document.firstSequence(run));
                    found.merge(document.position(), SoundLog.intactCount(document, run), Integer::sum);
                }
            }
            found.forEach((position, intactCount) -> seek(reader, position, intactCount));
        }
        return found;
    }

    /** A cursor that comes back to a document finds that one. */
    private static void seek(LogReader reader, long position, int intactCount) {
        assertTrue(reader.seek(position), "a document is not where it was read");
        assertTrue(reader.next(), "nothing is read where a document is");
        LogDocument document = reader.document();
        assertEquals(position, document.position());
        int found = 0;
        for (int run = 0; run < document.runCount(); run++) {
            found += SoundLog.intactCount(document, run);
        }
        assertEquals(intactCount, found);
    }
}
