package io.freshet.protocol;

import io.freshet.client.ClientFuzz;
import io.freshet.testing.FuzzCorpus;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The fuzz targets of this module on what is kept for them, and near it. */
final class FuzzTargetsTest {
    private static final int MUTATION_COUNT = 3_000;
    private static final int CLIENT_COUNT = 500;

    @Test
    void shouldCutTheSameFramesFromAnyBytes() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(FrameDecoderFuzz.class);
        corpus.replay(FrameDecoderFuzz::fuzzerTestOneInput);
        corpus.mutate(1, MUTATION_COUNT, FrameDecoderFuzz::fuzzerTestOneInput);
    }

    @Test
    void shouldEndAtMostAConnectionWhateverAServerSends() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(ClientFuzz.class);
        corpus.replay(ClientFuzz::fuzzerTestOneInput);
        corpus.mutate(3, CLIENT_COUNT, ClientFuzz::fuzzerTestOneInput);
    }

    @Test
    void shouldAgreeWithProtobufOnAnyBodyOfARecord() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(RecordBodyFuzz.class);
        corpus.replay(RecordBodyFuzz::fuzzerTestOneInput);
        corpus.mutate(2, MUTATION_COUNT, RecordBodyFuzz::fuzzerTestOneInput);
    }
}
