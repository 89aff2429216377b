package io.freshet.engine.fuzz;

import io.freshet.engine.simulation.SessionFuzz;
import io.freshet.engine.transport.TlsRecordFuzz;
import io.freshet.engine.transport.TransportFuzz;
import io.freshet.testing.FuzzCorpus;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The fuzz targets of this module on what is kept for them, and near it. */
final class FuzzTargetsTest {
    private static final int SESSION_COUNT = 300;
    private static final int TRANSPORT_COUNT = 500;
    private static final int TOKEN_COUNT = 2_000;
    private static final int INSPECTION_COUNT = 200;
    private static final int LOG_COUNT = 3;

    @Test
    void shouldEndAtMostItsOwnConnectionWhateverAClientSends() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(SessionFuzz.class);
        corpus.replay(SessionFuzz::fuzzerTestOneInput);
        corpus.mutate(1, SESSION_COUNT, SessionFuzz::fuzzerTestOneInput);
    }

    @Test
    void shouldTakeAnyBytesForWebSocketAndProxyHeadersAlikeHoweverTheyAreCut() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(TransportFuzz.class);
        corpus.replay(TransportFuzz::fuzzerTestOneInput);
        corpus.mutate(3, TRANSPORT_COUNT, TransportFuzz::fuzzerTestOneInput);
    }

    @Test
    void shouldHandOnAnyBytesInRecordsOfTlsAndKeepOneAtMost() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(TlsRecordFuzz.class);
        corpus.replay(TlsRecordFuzz::fuzzerTestOneInput);
        corpus.mutate(4, TRANSPORT_COUNT, TlsRecordFuzz::fuzzerTestOneInput);
    }

    @Test
    void shouldLetNobodyInWithoutASignatureWhateverTheTokenOrTheKeySetIs() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(TokenFuzz.class);
        corpus.replay(TokenFuzz::fuzzerTestOneInput);
        corpus.mutate(5, TOKEN_COUNT, TokenFuzz::fuzzerTestOneInput);
    }

    @Test
    void shouldFindWhateverIsMissingFromTheFiles() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(LogInspectionFuzz.class);
        corpus.replay(LogInspectionFuzz::fuzzerTestOneInput);
        corpus.mutate(6, INSPECTION_COUNT, LogInspectionFuzz::fuzzerTestOneInput);
    }

    @Test
    void shouldNeverServeAWrongRecordWhateverBecomesOfTheFiles() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(LogRecoveryFuzz.class);
        corpus.replay(LogRecoveryFuzz::fuzzerTestOneInput);
        corpus.mutate(2, LOG_COUNT, LogRecoveryFuzz::fuzzerTestOneInput);
    }
}
