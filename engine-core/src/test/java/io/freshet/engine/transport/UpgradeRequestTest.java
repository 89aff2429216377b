package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.transport.UpgradeRequest.Refusal;
import io.freshet.engine.transport.UpgradeRequest.RefusedException;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeRequestTest {
    /** The example of RFC 6455, 1.3. */
    private static final String GOOD = """
            GET /chat HTTP/1.1
            Host: server.example.com
            Upgrade: websocket
            Connection: keep-alive, Upgrade
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Version: 13
            """.replace("\n", "\r\n");

    private static String accept(String request, String... origins) throws RefusedException {
        return accept(request, false, origins);
    }

    private static String accept(String request, boolean isLocal, String... origins) throws RefusedException {
        EmbeddedChannel channel = new EmbeddedChannel(WebSocketUpgrade.newDecoder());
        try {
            channel.writeInbound(Unpooled.copiedBuffer(request, StandardCharsets.ISO_8859_1));
            HttpRequest read = Objects.requireNonNull(channel.readInbound(), "no request came out");
            byte[] answer = UpgradeRequest.of(read).accept("/chat", List.of(origins), isLocal);
            return new String(answer, StandardCharsets.US_ASCII);
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private static Refusal refusal(String request, String... origins) {
        return assertThrows(RefusedException.class, () -> accept(request, origins), request)
                .refusal();
    }

    private static String with(String header) {
        return GOOD + header + "\r\n\r\n";
    }

    @Test
    void shouldAnswerTheExampleOfTheRfc() throws RefusedException {
        String answer = accept(GOOD + "\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 101 "), answer);
        assertTrue(answer.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), answer);
        assertTrue(answer.endsWith("\r\n\r\n"), answer);
    }

    @Test
    void shouldIgnoreAQueryAndHeadersItDoesNotKnow() throws RefusedException {
        accept(GOOD.replace("/chat ", "/chat?a=b ") + "X-A: 1\r\nX-A: 2\r\nCookie: caf\u00e9\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /chat HTTP/1.1 | POST /chat HTTP/1.1 | WRONG_METHOD",
                "GET /chat HTTP/1.1 | GET /other HTTP/1.1 | UNKNOWN_PATH",
                "GET /chat HTTP/1.1 | GET /chat/ HTTP/1.1 | UNKNOWN_PATH",
                "GET /chat HTTP/1.1 | GET /chat HTTP/1.0 | BAD_REQUEST",
                "GET /chat HTTP/1.1 | GET http://a/chat HTTP/1.1 | BAD_REQUEST",
                "GET /chat HTTP/1.1 | GET /chat | BAD_REQUEST",
                "Upgrade: websocket | Upgrade: h2c | NO_UPGRADE",
                "keep-alive, Upgrade | keep-alive | NO_UPGRADE",
                "Version: 13 | Version: 12 | NO_UPGRADE",
                "Version: 13 | Version: 13, 8 | NO_UPGRADE",
                "Key: dGhlIHNhbXBsZSBub25jZQ== | Key: dGhlIHNhbXBsZSBub25j | BAD_REQUEST",
                "Key: dGhlIHNhbXBsZSBub25jZQ== | Key: ???? | BAD_REQUEST",
                "Sec-WebSocket-Key: | X: | BAD_REQUEST",
                "Host: server.example.com | X: y | BAD_REQUEST",
                "Upgrade: websocket | Upgrade : websocket | BAD_REQUEST",
                "Upgrade: websocket | no colon | BAD_REQUEST",
            })
    void shouldRefuseWhatIsNotRight(String what, String becomes, Refusal expected) {
        String request = GOOD.replace(what, becomes) + "\r\n";
        assertEquals(expected, refusal(request));
    }

    @Test
    void shouldRefuseWhatWouldMeanTwoThings() {
        assertEquals(Refusal.BAD_REQUEST, refusal(with("Host: other")));
        assertEquals(Refusal.BAD_REQUEST, refusal(with("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==")));
        assertEquals(Refusal.BAD_REQUEST, refusal(with("Content-Length: 5")));
        assertEquals(Refusal.BAD_REQUEST, refusal(with("Transfer-Encoding: chunked")));
        assertEquals(Refusal.BAD_REQUEST, refusal(with("A: b\0")));
        assertEquals(Refusal.TOO_LONG, refusal(with("A: b\r\n".repeat(3_000) + "A: b")));
    }

    @Test
    void shouldLetPagesInFromTheSameHostOnlyUnlessToldOtherwise() throws RefusedException {
        accept(with("Origin: https://SERVER.example.com"));
        accept(with("Origin: http://server.example.com:8080"));
        assertEquals(Refusal.FORBIDDEN_ORIGIN, refusal(with("Origin: https://evil.example.com")));
        assertEquals(Refusal.FORBIDDEN_ORIGIN, refusal(with("Origin: https://server.example.com.evil.org")));
        assertEquals(Refusal.FORBIDDEN_ORIGIN, refusal(with("Origin: null")));
        assertEquals(Refusal.FORBIDDEN_ORIGIN, refusal(with("Origin: ")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:7401", "127.0.0.1:7401", "127.1.2.3", "[::1]:7401", "[::1]"})
    void shouldLetPagesOfThisMachineIn(String host) throws RefusedException {
        accept(GOOD.replace("server.example.com", host) + "Origin: http://" + host + "\r\n\r\n", true);
    }

    /** DNS rebinding: the page's own name leads to this machine by now. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example:7401",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "10.0.0.1",
                "[::2]",
                "127.1"
            })
    void shouldNotTakeANameOfSomebodyElseForThisMachine(String host) throws RefusedException {
        String request = GOOD.replace("server.example.com", host) + "Origin: http://" + host + "\r\n\r\n";
        RefusedException refused = assertThrows(RefusedException.class, () -> accept(request, true));
        assertEquals(Refusal.FORBIDDEN_ORIGIN, refused.refusal());
        accept(request, true, "http://" + host); // unless it is listed
        accept(GOOD.replace("server.example.com", host) + "\r\n", true); // or no page asks
    }

    @Test
    void shouldLetPagesInFromTheOriginsThatAreListed() throws RefusedException {
        accept(with("Origin: https://chat.example.org"), "https://chat.example.org");
        accept(with("Origin: https://anywhere"), "*");
        accept(GOOD + "\r\n", "https://chat.example.org");
        assertEquals(
                Refusal.FORBIDDEN_ORIGIN,
                refusal(with("Origin: https://server.example.com"), "https://chat.example.org"),
                "a list leaves out the own host unless it names it");
        assertEquals(
                Refusal.FORBIDDEN_ORIGIN, refusal(with("Origin: http://chat.example.org"), "https://chat.example.org"));
    }
}
