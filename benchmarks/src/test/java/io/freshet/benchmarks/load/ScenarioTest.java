package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScenarioTest {
    private static String refusal(String text, Map<String, String> overrides) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> Scenario.parse("test", text, overrides))
                        .getMessage());
    }

    @Test
    void shouldReadEveryScenarioThatComesWithFreshet() {
        for (String name : Scenario.BUILT_IN) {
            Scenario scenario = Scenario.named(name, Map.of());
            assertEquals(name, scenario.name());
            assertEquals(name, scenario.settings().get("scenario"));
        }
    }

    @Test
    void shouldReadAFileWithCommentsAndLetOverridesWin(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("mine.scenario");
        Files.writeString(file, "# mine\n\n subscribers = 20_000 \nduration=1.5m\nrate = 0.5\nwindow = 7\n");
        Scenario scenario = Scenario.named(file.toString(), Map.of("window", "9", "warmup", "250ms"));

        assertEquals(20_000, scenario.subscribers());
        assertEquals(TimeUnit.SECONDS.toNanos(90), scenario.durationNs());
        assertEquals(0.5, scenario.rate());
        assertEquals(9, scenario.window());
        assertEquals(TimeUnit.MILLISECONDS.toNanos(250), scenario.warmupNs());
        assertEquals("1.5m", scenario.settings().get("duration"));
    }

    @Test
    void shouldNameTheLineThatIsWrong() {
        assertTrue(
                refusal("channels = 1\nwindow 9\n", Map.of()).startsWith("test:2: not a line of the form key = value"));
        assertTrue(refusal("\nwindw = 9", Map.of()).startsWith("test:2: unknown key 'windw'; known are "));
        assertEquals("test:2: window is set a second time", refusal("window = 9\nwindow = 8", Map.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "window|0|window is 0, but must be from 1 to 1048576",
                "window|many|window is 'many', but must be a whole number, such as 20000 or 20_000",
                "payload|31|payload is 31, but must be from 32 to 65000",
                "rate|-1|rate is -1, but must be from 0 to 100000000",
                "rate|NaN|rate is NaN, but must be from 0 to 100000000",
                "rate|fast|rate is 'fast', but must be a number per second, such as 2000",
                "duration|10|duration is '10', but must be a time, such as 500ms, 10s, 5m or 2h",
                "duration|s|duration is 's', but must be a time, such as 500ms, 10s, 5m or 2h",
                "duration|8000000s|duration is 8000000s, but must be from 1ns to 604800s",
                "receipts|yes|receipts is 'yes', but must be one of false, true",
                "kind|party|kind is 'party', but must be one of traffic, idle, storm, hearts, replay",
                "mode|some|mode is 'some', but must be one of every, latest, sampled",
                "samples|0|samples is 0, but must be from 1 to 1000",
                "window_per|day|window_per is 'day', but must be one of channel, publisher, receipt",
            })
    void shouldNameTheKeyAndTheRange(String key, String value, String message) {
        assertEquals(message, refusal("", Map.of(key, value)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "publishers=0|publishers is 0",
                "connections=5|connections is 5, but must not be below subscribers",
                "window_per=receipt|window_per is receipt, but receipts is false",
                "subscribers=0|subscribers is 0 and rate is 0",
                "peak=2|peak is 2.0, but there is no rate",
                "crowd=2|crowd is 2, but only an open loop",
                "subscribers=1 stalled=5|stalled is 5, but there are no subscribers",
                "rate=1 crowd=2 mode=latest|crowd is 2, but in mode latest",
                "rate=1 peak=2 ramp=9s decay=9s|ramp and decay together",
                "kind=idle|connections is 0",
                "kind=storm connections=5 channels=1 each=2|each is 2",
                "kind=hearts rate=1 channels=2|channels is 2",
                "kind=hearts connections=5|rate is 0",
                "kind=hearts rate=1 connections=5 publishers=6|publishers is 6",
                "kind=hearts rate=100001 connections=1|rate is 100001.0, more than 1",
                "kind=replay|a replay is filled with",
                "kind=replay receipts=true window_per=receipt publishers=2|publishers is 2",
                "kind=replay receipts=true window_per=receipt channels=9 messages=8|messages is 8",
            })
    void shouldRefuseWhatCannotBeTogether(String settings, String message) {
        String problem = refusal(settings.replace(' ', '\n'), Map.of());
        assertTrue(problem.startsWith("test: " + message), problem);
    }

    @Test
    void shouldRefuseAFileThatIsTooLong(@TempDir Path directory) throws IOException {
        String file = Files.writeString(directory.resolve("long.scenario"), "# a comment\n".repeat(6_000))
                .toString();
        Throwable e = assertThrows(IllegalArgumentException.class, () -> Scenario.named(file, Map.of()));
        assertEquals("cannot read the scenario " + file + ": " + file + " is longer than 65536 bytes", e.getMessage());
    }

    @Test
    void shouldSayWhichScenariosThereAreWhenOneIsNotFound() {
        String message =
                String.valueOf(assertThrows(IllegalArgumentException.class, () -> Scenario.named("no-such", Map.of()))
                        .getMessage());
        assertTrue(message.startsWith("no scenario or file 'no-such'; there are hot, many"), message);
    }
}
