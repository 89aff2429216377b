package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.log.Retention;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class RetentionOptionsTest {
    /** A command with nothing else. */
    @Command
    private static final class Probe implements Runnable {
        @Mixin
        private final RetentionOptions options = new RetentionOptions();

        @Override
        public void run() {}
    }

    private static Retention parse(String... arguments) {
        Probe probe = new Probe();
        new CommandLine(probe).parseArgs(arguments);
        return probe.options.retention();
    }

    @Test
    void shouldKeepEverythingUnlessTold() {
        assertEquals(Retention.NONE, parse());
    }

    @Test
    void shouldReadTimesAndSizes() {
        assertEquals(Retention.of(Duration.ofDays(30), Long.MAX_VALUE), parse("--retain-age", "30d"));
        assertEquals(
                Retention.of(Duration.ofMinutes(90), 500L << 20), parse("--retain-age=90m", "--retain-size=500MiB"));
        assertEquals(Retention.of(Retention.FOREVER, 20L << 30), parse("--retain-size", "20GiB"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "d", "30 d", "30s", "-1d", "1.5h", "99999999999999999999d"})
    void shouldRefuseWhatIsNoTime(String text) {
        assertThrows(ParameterException.class, () -> parse("--retain-age", text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "MiB", "5 GiB", "-5GiB", "5KiBs", "999999999999999TiB"})
    void shouldRefuseWhatIsNoSize(String text) {
        assertThrows(ParameterException.class, () -> parse("--retain-size", text));
    }

    @Test
    void shouldRefuseWhatIsTooLittle() {
        assertThrows(IllegalArgumentException.class, () -> parse("--retain-age", "0h"));
        assertThrows(IllegalArgumentException.class, () -> parse("--retain-size", "0MiB"));
    }
}
