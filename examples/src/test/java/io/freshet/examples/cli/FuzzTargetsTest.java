package io.freshet.examples.cli;

import io.freshet.testing.FuzzCorpus;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The fuzz targets of this module on what is kept for them, and near it. */
final class FuzzTargetsTest {
    private static final int MUTATION_COUNT = 300;

    @Test
    void shouldRefuseWithASentenceOrSetOptionsWhateverTheConfigurationIs() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(ConfigFileFuzz.class);
        corpus.replay(ConfigFileFuzz::fuzzerTestOneInput);
        corpus.mutate(1, MUTATION_COUNT, ConfigFileFuzz::fuzzerTestOneInput);
    }

    @Test
    void shouldRefuseWithASentenceOrRepeatWhateverTheScenarioIs() throws IOException {
        FuzzCorpus corpus = FuzzCorpus.of(ScenarioFileFuzz.class);
        corpus.replay(ScenarioFileFuzz::fuzzerTestOneInput);
        corpus.mutate(2, MUTATION_COUNT, ScenarioFileFuzz::fuzzerTestOneInput);
    }
}
