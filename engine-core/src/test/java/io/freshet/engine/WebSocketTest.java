package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Opened;
import java.io.IOException;
import java.net.Socket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** WebSocket endpoints, spoken to by the JDK's client and by hand. */
class WebSocketTest {
    private static final Cursor LIVE =
            Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()).build();

    @TempDir
    private Path directory;

    private FreshetEngine engine;
    private JdkWebSocket bystander;

    @BeforeEach
    void start() throws Exception {
        Timeouts timeouts = Timeouts.DEFAULTS.handshake(Duration.ofSeconds(3));
        Certificates certificates = new Certificates(directory);
        certificates.write(certificates.issue("localhost"));
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(
                        Endpoint.webSocket(0, "/freshet"),
                        Endpoint.webSocket(0, "/freshet").tls(certificates.config()),
                        Endpoint.tcp(0))
                .timeouts(timeouts)
                .build());
        bystander = JdkWebSocket.connect(uri("ws", 0), null);
        bystander.welcome();
        secure = JdkWebSocket.connect(uri("wss", 1), certificates.client());
    }

    private JdkWebSocket secure;

    private String uri(String scheme, int endpoint) {
        return scheme + "://localhost:" + engine.addresses().get(endpoint).getPort() + "/freshet";
    }

    @AfterEach
    void bystanderIsUnharmed() throws IOException {
        Opened opened = bystander.open("unharmed", LIVE);
        bystander.publish(opened.getChannel(), "still here".getBytes(StandardCharsets.UTF_8));
        assertEquals(1, bystander.readRecord().getSequence());
        bystander.close();
        secure.close();
        engine.close();
    }

    @Test
    void shouldCarryTheSameFramesInWholeMessagesAsTcpDoes() throws IOException {
        secure.welcome();
        secure.open("lobby", LIVE);
        bystander.open("lobby", LIVE);
        SplittableRandom random = new SplittableRandom(11);
        try (RawConnection tcp = new RawConnection(engine.addresses().get(2))) {
            tcp.connect();
            Opened opened = tcp.open("lobby");
            for (int counter = 1; counter <= 200; counter++) {
                byte[] payload = new byte[random.nextInt(counter % 5 == 0 ? 32 * 1024 : 200)];
                random.nextBytes(payload);
                tcp.publish(opened.getChannel(), counter, payload);
                if (counter % 20 == 0) {
                    tcp.publish(opened.getChannel(), 0L, payload); // two in a batch
                }
                for (JdkWebSocket subscriber : new JdkWebSocket[] {bystander, secure}) {
                    assertArrayEquals(
                            payload, subscriber.readRecord().getPayload().toByteArray());
                    if (counter % 20 == 0) {
                        assertArrayEquals(
                                payload, subscriber.readRecord().getPayload().toByteArray());
                    }
                }
                FrameType receipt = tcp.read().type();
                assertEquals(FrameType.PUBLISHED, receipt);
            }
        }
        // JdkWebSocket fails for a message that does not end with a frame.
    }

    @Test
    void shouldTakeFramesHoweverTheirMessagesAreCut() throws IOException {
        byte[] connect = RawWebSocket.freshet(
                FrameType.CONNECT, RawConnection.connectFrame().build());
        try (RawWebSocket raw = RawWebSocket.open(engine)) {
            assertEquals(RawWebSocket.BINARY, raw.read().first());
            for (int i = 0; i < connect.length; i++) {
                int opcode = i == 0 ? 2 : 0;
                int last = i == connect.length - 1 ? 0x80 : 0;
                for (byte one : RawWebSocket.frame(opcode | last, connect[i])) {
                    raw.send(one);
                }
                raw.send(RawWebSocket.frame(RawWebSocket.PING, (byte) i)); // between fragments
                RawWebSocket.Message pong = raw.read();
                if (last != 0 && pong.first() == RawWebSocket.BINARY) {
                    pong = raw.read();
                }
                assertEquals(RawWebSocket.PONG, pong.first());
                assertArrayEquals(new byte[] {(byte) i}, pong.payload());
            }
        }
    }

    @Test
    void shouldKeepTheFramesLimitsBeforeAuthentication() throws IOException {
        byte[] tooLong = RawWebSocket.freshet(
                FrameType.CONNECT,
                RawConnection.connectFrame()
                        .setToken(ByteString.copyFrom(new byte[8000]))
                        .build());
        try (RawWebSocket raw = RawWebSocket.open(engine)) {
            raw.read();
            raw.send(RawWebSocket.frame(RawWebSocket.BINARY, tooLong));
            assertEquals(ErrorCode.FRAME_TOO_LONG, errorIn(raw.read()));
            assertEquals(1000, raw.readClose().closeCode());
            assertTrue(raw.isClosedByServer());
        }
    }

    private static @Nullable ErrorCode errorIn(RawWebSocket.Message message) throws IOException {
        assertEquals(RawWebSocket.BINARY, message.first());
        byte[] body = Arrays.copyOfRange(message.payload(), 8, message.payload().length);
        return ErrorCode.of(Error.parseFrom(body).getCode());
    }

    static Stream<Arguments> hostileFrames() {
        byte[] unmasked = {(byte) 0x82, 1, 0};
        byte[] long64 = {(byte) 0x82, (byte) 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 2, 3, 4};
        byte[] negative = {(byte) 0x82, (byte) 0xFF, -1, -1, -1, -1, -1, -1, -1, -1, 1, 2, 3, 4};
        byte[] overlong16 = {(byte) 0x82, (byte) 0xFE, 0, 5, 1, 2, 3, 4};
        byte[] overlong64 = {(byte) 0x82, (byte) 0xFF, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 3, 4};
        byte[] longPing = {(byte) 0x89, (byte) 0xFE, 0, 126, 1, 2, 3, 4};
        byte[] twoBegun = concat(RawWebSocket.frame(0x02, (byte) 4), RawWebSocket.frame(0x82, (byte) 0));
        byte[] manyFragments = concat(
                RawWebSocket.frame(0x02, new byte[0]),
                new byte[] {0x00, (byte) 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 2, 3, 4});
        return Stream.of(
                Arguments.of("unmasked", unmasked, 1002),
                Arguments.of("text", RawWebSocket.frame(0x81, (byte) 'h', (byte) 'i'), 1003),
                Arguments.of("reserved bit 1", RawWebSocket.frame(0xC2, (byte) 0), 1002),
                Arguments.of("reserved bit 2", RawWebSocket.frame(0xA2, (byte) 0), 1002),
                Arguments.of("reserved bit 3", RawWebSocket.frame(0x92, (byte) 0), 1002),
                Arguments.of("reserved opcode 3", RawWebSocket.frame(0x83, (byte) 0), 1002),
                Arguments.of("reserved opcode 7", RawWebSocket.frame(0x87, (byte) 0), 1002),
                Arguments.of("reserved control 11", RawWebSocket.frame(0x8B), 1002),
                Arguments.of("reserved control 15", RawWebSocket.frame(0x8F), 1002),
                Arguments.of("a fragmented ping", RawWebSocket.frame(0x09), 1002),
                Arguments.of("a ping of 126 bytes", longPing, 1002),
                Arguments.of("a continuation of nothing", RawWebSocket.frame(0x80, (byte) 0), 1002),
                Arguments.of("a message within a message", twoBegun, 1002),
                Arguments.of("a message of over 1 MiB", long64, 1009),
                Arguments.of("fragments of over 1 MiB", manyFragments, 1009),
                Arguments.of("a length of 2^64 - 1", negative, 1002),
                Arguments.of("an overlong length of 16 bits", overlong16, 1002),
                Arguments.of("an overlong length of 64 bits", overlong64, 1002));
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileFrames")
    void shouldCloseWithACodeWhoBreaksTheRules(String name, byte[] bytes, int closeCode) throws IOException {
        try (RawWebSocket raw = RawWebSocket.open(engine)) {
            assertEquals(RawWebSocket.BINARY, raw.read().first(), "HELLO");
            raw.send(bytes);
            assertEquals(ErrorCode.WEBSOCKET_BREACH, errorIn(raw.read()));
            assertEquals(closeCode, raw.readClose().closeCode());
            assertTrue(raw.isClosedByServer());
        }
    }

    static Stream<Arguments> closes() {
        return Stream.of(
                Arguments.of(new byte[] {}, 1000),
                Arguments.of(new byte[] {0x03, (byte) 0xE8}, 1000),
                Arguments.of(new byte[] {0x03, (byte) 0xE9, 'b', 'y', 'e'}, 1001),
                Arguments.of(new byte[] {0x0F, (byte) 0xA0}, 4000),
                Arguments.of(new byte[] {0x03}, 1002),
                Arguments.of(
                        new byte[] {0x03, (byte) 0xED}, 1002), // 1005 means that there is no code, and must not be sent
                Arguments.of(new byte[] {0, 0}, 1002),
                Arguments.of(new byte[] {(byte) 0xFF, (byte) 0xFF}, 1002));
    }

    @ParameterizedTest
    @MethodSource("closes")
    void shouldAnswerACloseWithItsCodeOrSayThatItIsNone(byte[] payload, int answered) throws IOException {
        try (RawWebSocket raw = RawWebSocket.open(engine)) {
            raw.read();
            raw.send(RawWebSocket.frame(RawWebSocket.CLOSE, payload));
            assertEquals(answered, raw.readClose().closeCode());
            assertTrue(raw.isClosedByServer());
        }
    }

    static Stream<Arguments> badUpgrades() {
        return Stream.of(
                Arguments.of(RawWebSocket.upgrade("/other", ""), "404"),
                Arguments.of(RawWebSocket.upgrade("/freshet", "Origin: https://evil.example\r\n"), "403"),
                Arguments.of(RawWebSocket.upgrade("/freshet", "X: " + "y".repeat(9000) + "\r\n"), "431"),
                Arguments.of(RawWebSocket.upgrade("/freshet", "X:\r\n".repeat(60)), "431"),
                Arguments.of(RawWebSocket.upgrade("/freshet", "X: y\r\n z\r\n"), "400"),
                Arguments.of(RawWebSocket.upgrade("/freshet", "Transfer-Encoding: chunked\r\n"), "400"),
                Arguments.of(RawWebSocket.upgrade("/freshet", "Content-Length: 5\r\n"), "400"),
                Arguments.of("GET /freshet HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII), "426"),
                Arguments.of("POST /freshet HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII), "405"),
                Arguments.of("\r\n\r\n".getBytes(StandardCharsets.US_ASCII), "408"),
                Arguments.of("\0\0\0\0 garbage \r\n\r\n".getBytes(StandardCharsets.US_ASCII), "400"));
    }

    @ParameterizedTest
    @MethodSource("badUpgrades")
    void shouldRefuseAnUpgradeThatIsNotRight(byte[] request, String status) throws IOException {
        try (RawWebSocket raw =
                new RawWebSocket(new Socket(), engine.addresses().get(0))) {
            raw.send(request);
            String answer = raw.readHttp();
            assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
            assertTrue(raw.isClosedByServer());
        }
    }

    @Test
    void shouldNotWaitForASlowUpgradeForLong() throws IOException {
        try (RawWebSocket raw =
                new RawWebSocket(new Socket(), engine.addresses().get(0))) {
            byte[] upgrade = RawWebSocket.upgrade("/freshet", "");
            raw.send(Arrays.copyOf(upgrade, upgrade.length - 2));
            assertTrue(raw.readHttp().startsWith("HTTP/1.1 408 "));
            assertTrue(raw.isClosedByServer());
        }
        try (RawWebSocket raw = RawWebSocket.open(engine)) {
            raw.read();
            assertEquals(ErrorCode.HANDSHAKE_TIMEOUT, errorIn(raw.read()));
            assertEquals(1000, raw.readClose().closeCode());
        }
    }

    @Test
    void shouldTakeWhatComesWithTheUpgrade() throws IOException {
        byte[] connect = RawWebSocket.freshet(
                FrameType.CONNECT, RawConnection.connectFrame().build());
        try (RawWebSocket raw =
                new RawWebSocket(new Socket(), engine.addresses().get(0))) {
            raw.send(concat(RawWebSocket.upgrade("/freshet", ""), RawWebSocket.frame(RawWebSocket.BINARY, connect)));
            assertTrue(raw.readHttp().startsWith("HTTP/1.1 101 "));
            assertEquals(FrameType.HELLO.code(), raw.read().payload()[FrameHeader.TYPE_OFFSET]);
            assertEquals(FrameType.WELCOME.code(), raw.read().payload()[FrameHeader.TYPE_OFFSET]);
        }
    }

    @Test
    void shouldNotServeThePathOfAnother() {
        String other = uri("ws", 0).replace("/freshet", "/other");
        CompletionException refused = assertThrows(CompletionException.class, () -> JdkWebSocket.connect(other, null));
        WebSocketHandshakeException answer = assertInstanceOf(WebSocketHandshakeException.class, refused.getCause());
        assertEquals(404, answer.getResponse().statusCode());
    }

    @Test
    void shouldReadNoFramesOfTcpWithoutAnUpgrade() throws IOException {
        try (RawWebSocket raw =
                new RawWebSocket(new Socket(), engine.addresses().get(0))) {
            Connect connect = RawConnection.connectFrame().build();
            raw.send(RawWebSocket.freshet(FrameType.CONNECT, connect));
            String answer = raw.readHttp();
            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer); // it was never taken for frames
        }
    }
}
