package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses: who may connect, and whose word is taken for where a client is. */
class ProxiedTest {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int POLL_COUNT = 500;
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    @TempDir
    private Path directory;

    private FreshetEngine engine;

    @BeforeEach
    void start() {
        Timeouts timeouts = Timeouts.DEFAULTS.handshake(Duration.ofSeconds(1));
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0)
                        .trustProxies(AddressRanges.of("127.0.0.2"))
                        .allow(AddressRanges.of("10.0.0.0/8", "2001:db8::/32", "127.0.0.3")))
                .timeouts(timeouts)
                .authenticator(credentials -> {
                    seen.add(credentials.remoteAddress());
                    return new Principal(1, "somebody");
                })
                .build());
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private RawConnection from(String address) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
        return new RawConnection(socket, engine.addresses().get(0));
    }

    /** What is counted is counted about when the connection closes, before or after. */
    private void assertRefused(int count, String reason) {
        Map<String, String> label = Map.of("reason", reason);
        for (int i = 0; i < POLL_COUNT && engine.metrics().sum("connections.refused", label) != count; i++) {
            LockSupport.parkNanos(POLL_NS);
        }
        assertEquals(count, engine.metrics().sum("connections.refused", label));
    }

    private static byte[] v2(String family, String addresses) {
        int length = addresses.length() / 2;
        return HexFormat.of().parseHex(SIGNATURE + "21" + family + String.format("%04x", length) + addresses);
    }

    @Test
    void shouldTakeTheAddressThatATrustedProxySays() throws IOException {
        try (RawConnection raw = from("127.0.0.2")) {
            raw.send("PROXY TCP4 10.1.2.3 192.168.0.11 56324 443\r\n");
            raw.connect();
        }
        try (RawConnection raw = from("127.0.0.2")) {
            raw.send("PROXY TCP6 2001:db8::7 2001:db8::1 56325 443\r\n");
            raw.connect();
        }
        try (RawConnection raw = from("127.0.0.2")) {
            raw.send(v2("11", "0a010204" + "c0a8000b" + "dc06" + "01bb"));
            raw.connect();
        }
        assertEquals("10.1.2.3:56324", seen.poll());
        assertEquals("2001:db8:0:0:0:0:0:7:56325", seen.poll());
        assertEquals("10.1.2.4:56326", seen.poll());
    }

    @Test
    void shouldTakeAHeaderHoweverItIsCutAndWithWhatFollows() throws IOException {
        byte[] header = v2("11", "0a010204" + "c0a8000b" + "dc06" + "01bb");
        try (RawConnection raw = from("127.0.0.2")) {
            for (byte one : header) {
                raw.send(one);
            }
            raw.connect();
        }
        assertEquals("10.1.2.4:56326", seen.poll());
    }

    @Test
    void shouldCloseClientsOfAProxyThatAreNotOnTheList() throws IOException {
        try (RawConnection raw = from("127.0.0.2")) {
            raw.send("PROXY TCP4 11.1.2.3 192.168.0.11 56324 443\r\n");
            assertTrue(raw.isClosedByServer());
        }
        try (RawConnection raw = from("127.0.0.2")) {
            raw.send("PROXY UNKNOWN\r\n");
            assertTrue(raw.isClosedByServer(), "then it is the proxy's own address, which is not on the list");
        }
        assertRefused(2, "address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "PROXY TCP4 10.1.2.3\r\n",
                "PROXY TCP4 10.1.2.300 192.168.0.11 56324 443\r\n",
                "PROXY TCP9 10.1.2.3 192.168.0.11 56324 443\r\n",
                "PROXY TCP4 10.1.2.3 192.168.0.11 99999 443\r\n",
            })
    void shouldCloseATrustedProxyThatDoesNotSendAHeader(String bytes) throws IOException {
        try (RawConnection raw = from("127.0.0.2")) {
            raw.send(bytes);
            assertTrue(raw.isClosedByServer());
        }
        assertRefused(1, "proxy_header");
    }

    @Test
    void shouldNotWaitLongForAHeader() throws IOException {
        try (RawConnection raw = from("127.0.0.2")) {
            raw.send("PROXY TC");
            assertTrue(raw.isClosedByServer());
        }
        assertRefused(1, "proxy_header");
    }

    @Test
    void shouldCloseWhoIsNotOnTheListAndBelieveNobodyElsesHeader() throws IOException {
        try (RawConnection raw = from("127.0.0.4")) {
            assertTrue(raw.isClosedByServer());
        }
        try (RawConnection raw = from("127.0.0.3")) {
            raw.hello();
            raw.send("PROXY TCP4 10.1.2.3 192.168.0.11 56324 443\r\n");
            assertEquals(
                    ErrorCode.FRAME_TOO_LONG,
                    ErrorCode.of(raw.readError().getCode()),
                    "a header from somewhere else is garbage");
        }
        try (RawConnection raw = from("127.0.0.3")) {
            raw.connect();
        }
        assertTrue(seen.poll().startsWith("127.0.0.3:"));
        assertRefused(1, "address");
        assertThrows(IllegalStateException.class, () -> Endpoint.tcp(0).origins("*"));
    }
}
