package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.freshet.benchmarks.load.Scenario;
import io.freshet.testing.FuzzInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Any file as a scenario of {@code load}, and anything set beside it: it is either refused by a sentence for people, or a scenario that has every key once and that is
 * the same when its settings are written down and read again.
 */
public final class ScenarioFileFuzz {
    private static final int MAX_OVERRIDES = 4;
    private static final Path FILE = temporary();

    private ScenarioFileFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        Map<String, String> overrides = new HashMap<>();
        for (int i = input.below(MAX_OVERRIDES); i > 0; i--) {
            overrides.put(text(input), text(input));
        }
        try {
            Files.write(FILE, input.rest());
            Scenario scenario = Scenario.named(FILE.toString(), overrides);
            Map<String, String> settings = scenario.settings();
            settings.remove("scenario");
            StringBuilder written = new StringBuilder();
            settings.forEach((key, value) ->
                    written.append(key).append(" = ").append(value).append('\n'));
            Files.writeString(FILE, written);
            assertEquals(
                    scenario.settings(),
                    Scenario.named(FILE.toString(), Map.of()).settings());
        } catch (IllegalArgumentException e) {
            assertFalse(String.valueOf(e.getMessage()).isBlank());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(FuzzInput input) {
        return new String(input.take(input.below(24)), StandardCharsets.UTF_8);
    }

    private static Path temporary() {
        try {
            Path file = Files.createTempFile("freshet-fuzz", ".scenario");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
