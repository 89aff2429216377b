package io.freshet.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private Path file = Path.of("");

    @BeforeEach
    void nameFile() {
        file = directory.resolve("result.json");
    }

    @Test
    void shouldReadBackWhatItWrote() throws IOException {
        LoadResult result = ExampleResults.full();
        ResultFile.write(file, result);
        assertEquals(result, ResultFile.read(file));
    }

    @Test
    void shouldReadBackAResultWithoutAServerProcess() throws IOException {
        LoadResult result = ExampleResults.withoutServer();
        ResultFile.write(file, result);
        assertEquals(result, ResultFile.read(file));
    }

    @Test
    void shouldKeepSettingsInTheirOrder() throws IOException {
        ResultFile.write(file, ExampleResults.full());
        String text = Files.readString(file);
        assertTrue(text.indexOf("subscribers") < text.indexOf("duration"), text);
    }

    @Test
    void shouldLeaveOutTimelineAndDirectoriesOfOneRunAmongMany() {
        LoadResult result = ExampleResults.full();
        assertFalse(result.timeline().isEmpty());
        assertTrue(result.condensed().timeline().isEmpty());
        assertEquals(result.totals(), result.condensed().totals());
        assertEquals(
                List.of("java", "-jar", "freshet.jar"),
                result.condensed().target().serverCommand());
    }

    @Test
    void shouldSayOnOneLineWhatIsWrongWithAFile() throws IOException {
        assertFails(": no such file");
        Files.writeString(file, "{\"format\": 1,");
        assertFails(": not JSON");
        Files.writeString(file, "[1]");
        assertFails(": not a load result: a JSON object was expected");
        Files.writeString(file, "{}");
        assertFails(": not a load result: it has no format and totals");
        Files.writeString(file, "{\"format\": 7, \"totals\": {}}");
        assertFails(": format 7 is not known, this version reads format 1");
        Files.writeString(file, "{\"format\": 1, \"totals\": {}, \"timeline\": 4}");
        assertFails(": a load result whose parts are missing or of a wrong type");
        Files.writeString(file, "{\"format\": 1, \"totals\": {}}");
        assertFails(": a load result whose parts are missing or of a wrong type");
    }

    private void assertFails(String message) {
        IOException failure = assertThrows(IOException.class, () -> ResultFile.read(file));
        assertEquals(file + message, failure.getMessage());
    }
}
