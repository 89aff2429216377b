package io.freshet.benchmarks.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.benchmarks.load.LoadTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ServerProcessTest {
    private static final ServerFiles FILES = new ServerFiles(Path.of("d"), Path.of("s"), Path.of("c"), Path.of("k"));

    @Test
    void shouldWaitForTheAddressAndEndTheProcess() throws IOException, InterruptedException {
        ProcessHandle process;
        try (RunningServer server = start(
                "echo 'freshet: listening on 127.0.0.1:4711'; echo 'freshet: metrics on http://127.0.0.1:4712/metrics'; exec sleep 600")) {
            assertEquals(new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711), server.address());
            assertEquals(URI.create("http://127.0.0.1:4712/metrics"), server.metrics());
            process = ProcessHandle.of(server.pid()).orElseThrow();
            assertTrue(process.isAlive());
        }
        assertFalse(process.isAlive());
    }

    @Test
    void shouldNotWaitForMetricsThatABaselineDoesNotHave() throws IOException, InterruptedException {
        try (RunningServer server =
                start(Contender.naive(), "echo 'baseline: listening on 127.0.0.1:1'; exec sleep 600")) {
            assertNull(server.metrics());
        }
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
                Contender.appendFloor().arguments(FILES));
        assertEquals(
                List.of("load", "baseline", "floor", "--port", "0", "--stream", "s"),
                Contender.streamingFloor().arguments(FILES));
        List<String> encrypted = Contender.encryptedFreshet().arguments(FILES);
        assertEquals(
                List.of("--tls-cert", "c", "--tls-key", "k"),
                encrypted.subList(encrypted.size() - 4, encrypted.size()));
    }

    @Test
    void shouldFindTheAddressThatIsPutUnderLoad() throws IOException, InterruptedException {
        String said =
                "echo 'freshet: listening on tls://127.0.0.1:1'; echo 'freshet: listening on ws://127.0.0.1:2/path'"
                        + "; echo 'freshet: metrics on http://127.0.0.1:3/metrics'; exec sleep 600";
        try (RunningServer tls = start(Contender.encryptedFreshet(), said);
                RunningServer webSocket = start(Contender.webSocketFreshet(), said)) {
            assertEquals(1, tls.address().getPort());
            assertEquals(new LoadTransport(true, FILES.certificate(), null), tls.transport());
            assertEquals(2, webSocket.address().getPort());
            assertEquals(new LoadTransport(false, null, "/path"), webSocket.transport());
        }
        IOException failure = assertThrows(
                IOException.class,
                () -> start(Contender.freshet(), "echo 'freshet: listening on tls://127.0.0.1:1'; echo else"));
        assertEquals("freshet did not start", failure.getMessage());
    }

    private static RunningServer start(String script) throws IOException, InterruptedException {
        return start(Contender.freshet(), script);
    }

    private static RunningServer start(Contender contender, String script) throws IOException, InterruptedException {
        return ServerProcess.launcher("sh", List.of("-c", script)).start(contender, List.of("-e"), FILES);
    }
}
