package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.engine.Principal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

final class TokenFileTest {
    @TempDir
    private Path directory;

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("tokens"), text);
    }

    private static String problem(Executable reading) {
        return ErrorLine.sentence(assertThrows(UncheckedIOException.class, reading));
    }

    @Test
    void shouldReadASecretWithoutTheLineFeedAtItsEnd() throws IOException {
        byte[] secret = TokenFile.secret(write("between us\n"));

        assertArrayEquals("between us".getBytes(StandardCharsets.UTF_8), secret);
    }

    @Test
    void shouldReadPrincipals() throws IOException {
        Path file = write("# who\n\n7 ann 0123456789abcdef\n");

        assertEquals(Map.of("0123456789abcdef", new Principal(7, "ann")), TokenFile.principals(file));
    }

    @Test
    void shouldRefuseFilesThatAreTooLongInOneLine() throws IOException {
        Path secret = write("x".repeat(64 * 1024 + 1));
        assertEquals(secret + " is longer than 65536 bytes", problem(() -> TokenFile.secret(secret)));

        Path list = write("# a comment\n".repeat(350_000));
        assertEquals(list + " is longer than 4194304 bytes", problem(() -> TokenFile.principals(list)));
    }
}
