package io.freshet.examples.input;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IrcLogTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "[09:05] <ann> hello; ann; 545",
                "[23:59] <b|away> <tags> in > text; b|away; 1439",
                "[00:00] * carl waves; carl; 0",
                "[00:00] * dora; dora; 0",
                "[12:30] <zoë> été; zoë; 750",
                "[12:30] -frank:#ubuntu- hear: this; frank; 750",
                "[12:30] - nothing; ===; 750",
                "=== eve has joined; ===; -1",
                "[25:00] <ann> no such hour; ===; -1",
                "[09:05]<ann> no space; ===; -1",
                "[09:05] neither form; ===; 545",
                "[09:05] <> no name; ===; 545",
                "plain; ===; -1"
            })
    void shouldReadSpeakerAndMinute(String line, String speaker, int minute) {
        IrcLine parsed = IrcLine.parse(line.getBytes(UTF_8));

        assertEquals(speaker, parsed.speaker());
        assertEquals(minute, parsed.minute());
        assertArrayEquals(line.getBytes(UTF_8), parsed.bytes());
    }

    @Test
    void shouldTakeShortAndEmptyLinesForTheSystems() {
        for (String line : List.of("", "[", "[12:3", "[12:30] ", "[12:30] *", "[12:30] * ")) {
            assertEquals(IrcLine.SYSTEM, IrcLine.parse(line.getBytes(UTF_8)).speaker(), line);
        }
    }

    @Test
    void shouldReadAFileByteForByte(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("log.txt"), "[10:00] <ann> één\n=== bob left\n");

        IrcLog log = IrcLog.read(file);

        assertEquals(2, log.lines().size());
        assertArrayEquals(
                "[10:00] <ann> één".getBytes(UTF_8), log.lines().get(0).bytes());
        assertEquals("===", log.lines().get(1).speaker());
    }

    @Test
    void shouldSpreadTheLinesOfAMinuteOverIt() {
        assertArrayEquals(
                seconds(0, 20, 40, 60, 90),
                log("[10:00] <a> 1", "[10:00] <a> 2", "=== 3", "[10:01] <a> 4", "[10:01] <b> 5")
                        .offsetsNs());
    }

    @Test
    void shouldBeginANewDayAfterMidnightAndNeverGoBack() {
        assertArrayEquals(
                seconds(0, 60, 90, 180),
                log("[23:58] <a> 1", "[23:59] <a> 2", "[23:58] <a> a late stamp", "[00:01] <a> 4")
                        .offsetsNs());
    }

    @Test
    void shouldPlayAtOnceWhatComesBeforeTheFirstStamp() {
        assertArrayEquals(
                seconds(0, 0, 0), log("=== 1", "=== 2", "[10:00] <a> 3").offsetsNs());
    }

    private static IrcLog log(String... lines) {
        return new IrcLog(Arrays.stream(lines)
                .map(line -> IrcLine.parse(line.getBytes(UTF_8)))
                .toList());
    }

    private static long[] seconds(long... seconds) {
        return Arrays.stream(seconds).map(TimeUnit.SECONDS::toNanos).toArray();
    }
}
