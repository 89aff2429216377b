package io.freshet.benchmarks.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ServerProcessTest {
    private static final Path ANY = Path.of("any");

    @Test
    void shouldWaitForTheAddressAndEndTheProcess() throws IOException, InterruptedException {
        ProcessHandle process;
        try (RunningServer server = start("echo 'freshet: listening on 127.0.0.1:4711'; exec sleep 600")) {
            assertEquals(new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711), server.address());
            process = ProcessHandle.of(server.pid()).orElseThrow();
            assertTrue(process.isAlive());
        }
        assertFalse(process.isAlive());
    }

    @Test
    void shouldSayWhyAServerDidNotStart() {
        IOException failure = assertThrows(
                IOException.class, () -> start("echo 'freshet: no room' >&2; echo 'on two lines' >&2; exit 1"));
        assertEquals("freshet did not start: freshet: no room on two lines", failure.getMessage());
    }

    @Test
    void shouldFillInThePlacesOfFiles() {
        assertEquals(
                List.of("load", "baseline", "append-floor", "--port", "0", "--data", "d"),
                Contender.appendFloor().arguments(Path.of("d"), Path.of("s")));
        assertEquals(
                List.of("load", "baseline", "floor", "--port", "0", "--stream", "s"),
                Contender.streamingFloor().arguments(Path.of("d"), Path.of("s")));
    }

    private static RunningServer start(String script) throws IOException, InterruptedException {
        return ServerProcess.launcher("sh", List.of("-c", script)).start(Contender.freshet(), List.of("-e"), ANY, ANY);
    }
}
