package io.freshet.engine.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.LogDocument;
import io.freshet.log.LogFinding;
import io.freshet.log.StorageException;
import io.freshet.log.chronicle.DataInspection;
import io.freshet.log.chronicle.DataInspection.Totals;
import io.freshet.testing.FuzzInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The same harm as for {@link LogRecoveryFuzz}, looked at as {@code freshet log verify} does: without Chronicle, so that far more inputs are seen. The reading ends; what it takes for
 * intact is what was written there; what is missing is found; and a second reading sees the same.
 */
public final class LogInspectionFuzz {
    private static final int SLACK_LENGTH = 64 * 1024;
    private static final SoundLog SOUND;
    private static final Path ROOT;

    static {
        try {
            SOUND = new SoundLog(SLACK_LENGTH);
            ROOT = Files.createTempDirectory("freshet-fuzz");
            SOUND.restore(ROOT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(LogInspectionFuzz::tidyUp, "fuzz-tidy"));
    }

    private LogInspectionFuzz() {}

    private static void tidyUp() {
        try {
            SoundLog.delete(ROOT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a reading told. */
    private record Reading(long intactCount, Totals totals, List<LogFinding> findings) {}

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            SOUND.harm(ROOT, new FuzzInput(data));
            check();
        } catch (StorageException e) {
            assertFalse(e.reason().name().isEmpty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            mend();
        }
    }

    private static void mend() {
        try {
            SOUND.mend(ROOT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check() {
        Reading reading = read();
        boolean isWhole = reading.intactCount == SoundLog.DOCUMENT_COUNT;
        assertTrue(
                isWhole || reading.totals.damageCount() > 0,
                () -> "of " + SoundLog.DOCUMENT_COUNT + " records " + reading.intactCount
                        + " are read, and nobody says so");
        assertEquals(
                reading.findings.stream().filter(each -> each.kind().isDamage()).count(), reading.totals.damageCount());
        assertEquals(reading, read(), "a second reading sees something else");
    }

    private static Reading read() {
        List<LogFinding> findings = new ArrayList<>();
        long[] intactCount = new long[1];
        try (DataInspection inspection = DataInspection.open(ROOT)) {
            Totals totals = inspection.read(
                    (shard, document) -> {
                        intactCount[0] += intactCount(document);
                        return true;
                    },
                    findings::add);
            return new Reading(intactCount[0], totals, findings);
        }
    }

    private static int intactCount(LogDocument document) {
        int count = 0;
        for (int run = 0; document.kind() == LogDocument.Kind.RUNS && run < document.runCount(); run++) {
            count += SoundLog.intactCount(document, run);
        }
        return count;
    }
}
