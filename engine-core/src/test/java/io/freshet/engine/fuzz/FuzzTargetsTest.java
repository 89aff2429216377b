package io.freshet.engine.fuzz;

import io.freshet.engine.simulation.SessionFuzz;
import io.freshet.testing.FuzzCorpus;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The fuzz targets of this module on what is kept for them, and near it. */
final class FuzzTargetsTest {
    private static final int SESSION_COUNT = 300;
    private static final int LOG_COUNT = 3;

    @Test
    void shouldEndAtMostItsOwnConnectionWhateverAClientSends() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(SessionFuzz.class);
        corpus.replay(SessionFuzz::fuzzerTestOneInput);
        corpus.mutate(1, SESSION_COUNT, SessionFuzz::fuzzerTestOneInput);
    }

    @Test
    void shouldNeverServeAWrongRecordWhateverBecomesOfTheFiles() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(LogRecoveryFuzz.class);
        corpus.replay(LogRecoveryFuzz::fuzzerTestOneInput);
        corpus.mutate(2, LOG_COUNT, LogRecoveryFuzz::fuzzerTestOneInput);
    }
}
