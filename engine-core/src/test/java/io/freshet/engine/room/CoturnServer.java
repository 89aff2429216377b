package io.freshet.engine.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A TURN server, coturn, as a process of its own, on the loopback address and UDP. A test is skipped where it is not installed. */
public final class CoturnServer implements AutoCloseable {
    static final int UNAUTHORIZED = 401;
    private static final int ATTEMPTS = 200;
    private static final int LOOK_MS = 100;

    private final Process process;
    private final InetSocketAddress address;

    private CoturnServer(Process process, InetSocketAddress address) {
        this.process = process;
        this.address = address;
    }

    /** Starts one that shares this secret, and waits until it answers. */
    public static CoturnServer start(Path directory, String secret)
            throws IOException, InterruptedException, GeneralSecurityException {
        List<Path> programs = Stream.of("/usr/bin/turnserver", "/usr/local/bin/turnserver")
                .map(Path::of)
                .filter(Files::isExecutable)
                .toList();
        assumeFalse(programs.isEmpty(), "coturn is not installed");
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
        List<String> command = List.of(
                programs.get(0).toString(),
                "-n",
                "--use-auth-secret",
                "--static-auth-secret=" + secret,
                "--realm=freshet.test",
                "--listening-ip=127.0.0.1",
                "--relay-ip=127.0.0.1",
                "--allow-loopback-peers",
                "--listening-port=" + address.getPort(),
                "--no-tls",
                "--no-dtls",
                "--no-tcp",
                "--no-cli",
                "--userdb=" + directory.resolve("turn-users"),
                "--pidfile=" + directory.resolve("turn-pid"),
                "--log-file=stdout",
                "--simple-log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("turn-log").toFile())
                .start();
        CoturnServer server = new CoturnServer(process, address);
        server.awaitAnswers();
        return server;
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void awaitAnswers() throws IOException, InterruptedException, GeneralSecurityException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            assertFalse(process.waitFor(LOOK_MS, TimeUnit.MILLISECONDS), "coturn has ended");
            if (isListening()) {
                return;
            }
        }
        fail("coturn does not answer");
    }

    private boolean isListening() throws IOException, GeneralSecurityException {
        try {
            assertEquals(UNAUTHORIZED, allocate("nobody", ""));
            return true;
        } catch (PortUnreachableException e) {
            return false;
        }
    }

    /** Asks for an address; returns 0, or the code of the error. */
    int allocate(String username, String password) throws IOException, GeneralSecurityException {
        return TurnAllocation.allocate(address, username, password);
    }

    /** As RTCIceServer names it. */
    public String url() {
        return "turn:127.0.0.1:" + address.getPort() + "?transport=udp";
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
