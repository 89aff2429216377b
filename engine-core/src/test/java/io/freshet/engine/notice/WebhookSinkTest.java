package io.freshet.engine.notice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against real servers on the loopback address that take it, fail, stall, redirect, lie, and are not there. */
@Timeout(120)
class WebhookSinkTest {
    private static final byte[] SECRET = "a secret of some length".getBytes(StandardCharsets.UTF_8);
    private static final Pattern SIGNATURE = Pattern.compile("t=([0-9]+),v1=([0-9a-f]{64})");

    private final BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
    private final List<String> breaches = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : toClose) {
            each.close();
        }
        assertEquals(List.of(), breaches);
    }

    /** How a server answers the n-th request. */
    private interface Answering {
        void answer(HttpExchange exchange, int request) throws IOException;
    }

    private HttpServer server(int port, Answering answering) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        AtomicInteger count = new AtomicInteger();
        server.createContext("/hook", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            check(exchange, body);
            bodies.add(new String(body, StandardCharsets.UTF_8));
            answering.answer(exchange, count.incrementAndGet());
            exchange.close();
        });
        server.start();
        toClose.add(() -> server.stop(0));
        return server;
    }

    private void check(HttpExchange exchange, byte[] body) {
        String header = exchange.getRequestHeaders().getFirst("Freshet-Signature");
        Matcher signature = SIGNATURE.matcher(String.valueOf(header));
        if (!signature.matches()) {
            breaches.add("signature " + header);
            return;
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
            mac.update((signature.group(1) + ".").getBytes(StandardCharsets.UTF_8));
            if (!HexFormat.of().formatHex(mac.doFinal(body)).equals(signature.group(2))) {
                breaches.add("a wrong signature");
            }
        } catch (GeneralSecurityException e) {
            breaches.add(e.toString());
        }
    }

    private static void status(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
    }

    private WebhookSink sink(int port, int capacity, Duration timeout, int attempts) {
        WebhookSink sink = new WebhookSink(new WebhookConfig(
                URI.create("http://127.0.0.1:" + port + "/hook"),
                SECRET,
                capacity,
                timeout,
                attempts,
                Duration.ofMillis(5),
                Duration.ofMillis(40)));
        toClose.add(0, sink);
        return sink;
    }

    private WebhookSink sink(int port) {
        return sink(port, 100, Duration.ofSeconds(20), 5);
    }

    private static Notification notification(int sequence) {
        return new Notification("3-" + sequence + "-8", 8, "mention", "a \"room\"\n", sequence, -1, 5);
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1)); // the test's own time limit ends it
        }
    }

    @Test
    void shouldPostWhatItIsGivenSigned() throws Exception {
        HttpServer server = server(0, (exchange, request) -> status(exchange, 204));
        WebhookSink sink = sink(server.getAddress().getPort());
        sink.deliver(notification(1));

        assertEquals(
                "{\"notifications\":[{\"id\":\"3-1-8\",\"user\":\"8\",\"reason\":\"mention\",\"channel\":\"a \\\"room\\\"\\u000a\","
                        + "\"sequence\":\"1\",\"author\":\"18446744073709551615\",\"posted_us\":\"5\"}]}",
                bodies.take());
        until(() -> sink.sentCount() == 1);
        assertEquals(0, sink.droppedCount());
    }

    @Test
    void shouldTryAgainWhenTheServerFailsForNow() throws Exception {
        int[] statuses = {500, 503, 429, 200};
        HttpServer server = server(0, (exchange, request) -> {
            exchange.getResponseHeaders().add("Retry-After", "9223372036854775807");
            status(exchange, statuses[request - 1]);
        });
        WebhookSink sink = sink(server.getAddress().getPort());
        sink.deliver(notification(1));
        until(() -> sink.sentCount() == 1);

        assertEquals(4, sink.attemptCount());
        assertEquals(4, bodies.size());
        assertEquals(1, bodies.stream().distinct().count());
    }

    @Test
    void shouldDropWhatTheServerRefusesOrSendsElsewhere() throws Exception {
        AtomicInteger elsewhere = new AtomicInteger();
        HttpServer server = server(0, (exchange, request) -> {
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            status(exchange, List.of(302, 307, 404, 200).get(request - 1));
        });
        server.createContext("/elsewhere", exchange -> {
            elsewhere.incrementAndGet();
            status(exchange, 200);
            exchange.close();
        });
        WebhookSink sink = sink(server.getAddress().getPort());
        for (int i = 1; i <= 4; i++) {
            sink.deliver(notification(i));
            int dealtWith = i;
            until(() -> sink.sentCount() + sink.droppedCount() == dealtWith);
        }

        assertEquals(3, sink.droppedCount());
        assertEquals(1, sink.sentCount());
        assertEquals(0, elsewhere.get());
    }

    @Test
    void shouldGiveUpAServerThatStallsAndCountWhatDoesNotFit() throws Exception {
        List<Socket> accepted = new CopyOnWriteArrayList<>();
        ServerSocket server = raw(accepted, "");
        WebhookSink sink = sink(server.getLocalPort(), 2, Duration.ofMillis(100), 3);
        sink.deliver(notification(1));
        until(() -> !accepted.isEmpty());
        for (int i = 2; i <= 11; i++) {
            sink.deliver(notification(i));
        }
        assertEquals(8, sink.droppedCount());
        until(() -> sink.droppedCount() == 11);

        assertEquals(6, sink.attemptCount());
        assertEquals(0, sink.sentCount());
    }

    @Test
    void shouldNotBelieveAServerThatLies() throws Exception {
        for (String answer : List.of(
                "garbage\r\n\r\n",
                "HTTP/1.1 999999 OK\r\n\r\n",
                "HTTP/1.1 500 No\r\nRetry-After: never\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n\r\n")) {
            ServerSocket server = raw(new CopyOnWriteArrayList<>(), answer);
            WebhookSink sink = sink(server.getLocalPort(), 10, Duration.ofSeconds(20), 3);
            sink.deliver(notification(1));
            until(() -> sink.droppedCount() == 1);
            assertTrue(sink.attemptCount() <= 3, answer);
        }
    }

    @Test
    void shouldReadOnlyTheHeadOfAnAnswerThatHasNoEnd() throws Exception {
        ServerSocket server =
                raw(new CopyOnWriteArrayList<>(), "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\nand so on");
        WebhookSink sink = sink(server.getLocalPort());
        sink.deliver(notification(1));
        until(() -> sink.sentCount() == 1);
        sink.deliver(notification(2));
        until(() -> sink.sentCount() == 2);
    }

    /** A server that says this to every connection, whatever is asked, and keeps it open. */
    private ServerSocket raw(List<Socket> accepted, String answer) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        toClose.add(server);
        toClose.add(() -> {
            for (Socket socket : accepted) {
                socket.close();
            }
        });
        Thread thread = new Thread(() -> answerAll(server, accepted, answer), "raw-server");
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    private static void answerAll(ServerSocket server, List<Socket> accepted, String answer) {
        try {
            while (true) {
                Socket socket = server.accept();
                accepted.add(socket);
                InputStream in = socket.getInputStream();
                assertTrue(in.read() >= 0);
                OutputStream out = socket.getOutputStream();
                out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    @Test
    void shouldSendOnceAServerIsThereThatWasDown() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        WebhookSink sink = sink(port, 100, Duration.ofSeconds(20), 100);
        sink.deliver(notification(1));
        until(() -> sink.attemptCount() >= 3);
        server(port, (exchange, request) -> status(exchange, 200));
        until(() -> sink.sentCount() == 1);
    }

    @Test
    void shouldShowNoSecretAndTakeNoConfigurationThatCannotWork() {
        URI target = URI.create("https://example.org/hook?key=hidden");
        String shown = WebhookConfig.of(target, SECRET).toString();
        assertFalse(shown.contains("secret") || shown.contains("hidden"), shown);
        for (String bad : List.of("ftp://example.org/", "/hook", "https:///hook", "https://me:password@example.org/")) {
            assertThrows(IllegalArgumentException.class, () -> WebhookConfig.of(URI.create(bad), SECRET), bad);
        }
        assertThrows(IllegalArgumentException.class, () -> WebhookConfig.of(target, new byte[15]));
    }
}
