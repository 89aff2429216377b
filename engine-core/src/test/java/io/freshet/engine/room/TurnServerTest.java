package io.freshet.engine.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.freshet.engine.IceServers;
import io.freshet.protocol.v1.IceServer;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemEpochClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A TURN server, coturn, takes the names and passwords that rooms hand out, and no others. Skipped where it is not installed. */
class TurnServerTest {
    private static final String SECRET = "north-wind";
    private static final int UNAUTHORIZED = 401;
    private static final int ATTEMPTS = 200;
    private static final int LOOK_MS = 100;

    @TempDir
    private Path directory;

    @Test
    void shouldGetAnAddressFromCoturnWhileTheNameIsGood()
            throws IOException, InterruptedException, GeneralSecurityException {
        List<Path> programs = Stream.of("/usr/bin/turnserver", "/usr/local/bin/turnserver")
                .map(Path::of)
                .filter(Files::isExecutable)
                .toList();
        assumeFalse(programs.isEmpty(), "coturn is not installed");
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
        Process coturn = start(programs.get(0), address.getPort());
        try {
            awaitAnswers(coturn, address);
            IceServer good = credential(SECRET, SystemEpochClock.INSTANCE.time());
            assertEquals(0, TurnAllocation.allocate(address, good.getUsername(), good.getCredential()));
            IceServer old = credential(SECRET, SystemEpochClock.INSTANCE.time() - TimeUnit.HOURS.toMillis(2));
            assertEquals(UNAUTHORIZED, TurnAllocation.allocate(address, old.getUsername(), old.getCredential()));
            IceServer foreign = credential("south-wind", SystemEpochClock.INSTANCE.time());
            assertEquals(
                    UNAUTHORIZED, TurnAllocation.allocate(address, foreign.getUsername(), foreign.getCredential()));
            String longer = "9" + good.getUsername();
            assertEquals(UNAUTHORIZED, TurnAllocation.allocate(address, longer, good.getCredential()));
        } finally {
            coturn.destroyForcibly().waitFor();
        }
    }

    private static void awaitAnswers(Process coturn, InetSocketAddress address)
            throws IOException, InterruptedException, GeneralSecurityException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            assertFalse(coturn.waitFor(LOOK_MS, TimeUnit.MILLISECONDS), "coturn has ended");
            try {
                assertEquals(UNAUTHORIZED, TurnAllocation.allocate(address, "nobody", ""));
                return;
            } catch (PortUnreachableException e) {
                continue; // it does not listen yet
            }
        }
        fail("coturn does not answer");
    }

    private static IceServer credential(String secret, long nowMs) {
        IceServers servers = IceServers.NONE.turn(secret, Duration.ofHours(1), "turn:127.0.0.1");
        return new IceCredentials(servers).give(42, nowMs).get(0);
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private Process start(Path program, int port) throws IOException {
        List<String> command = List.of(
                program.toString(),
                "-n",
                "--use-auth-secret",
                "--static-auth-secret=" + SECRET,
                "--realm=freshet.test",
                "--listening-ip=127.0.0.1",
                "--relay-ip=127.0.0.1",
                "--listening-port=" + port,
                "--no-tls",
                "--no-dtls",
                "--no-tcp",
                "--no-cli",
                "--userdb=" + directory.resolve("users"),
                "--pidfile=" + directory.resolve("pid"),
                "--log-file=stdout",
                "--simple-log");
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("coturn.log").toFile())
                .start();
    }
}
