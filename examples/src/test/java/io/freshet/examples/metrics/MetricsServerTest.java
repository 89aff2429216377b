package io.freshet.examples.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MetricsServerTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private final MetricsServer server =
            MetricsServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> "some_total 1\n");

    @AfterEach
    void close() {
        server.close();
    }

    private HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
        return http.send(
                HttpRequest.newBuilder(uri)
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void shouldAnswerGetAndHead() throws IOException, InterruptedException {
        HttpResponse<String> get = send("GET", "/metrics");
        assertEquals(200, get.statusCode());
        assertEquals("some_total 1\n", get.body());
        assertEquals(
                "text/plain; version=0.0.4; charset=utf-8",
                get.headers().firstValue("Content-Type").orElse(""));
        HttpResponse<String> head = send("HEAD", "/metrics");
        assertEquals(200, head.statusCode());
        assertEquals("", head.body());
    }

    @Test
    void shouldAnswerNothingElse() throws IOException, InterruptedException {
        for (String path : List.of("/", "/metricsx", "/metrics/more", "/other")) {
            assertEquals(404, send("GET", path).statusCode(), path);
        }
        HttpResponse<String> post = send("POST", "/metrics");
        assertEquals(405, post.statusCode());
        assertEquals("GET, HEAD", post.headers().firstValue("Allow").orElse(""));
    }

    @Test
    void shouldAnswerOthersWhileSomebodyIsSlow() throws IOException, InterruptedException {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Socket socket = new Socket(
                    InetAddress.getLoopbackAddress(), server.address().getPort());
            socket.getOutputStream().write("GET /met".getBytes(StandardCharsets.US_ASCII));
            slow.add(socket);
        }
        assertEquals(200, send("GET", "/metrics").statusCode(), "after the time limit of those who are slow");
        for (Socket socket : slow) {
            socket.close();
        }
    }

    @Test
    void shouldNameTheAddressThatItCannotBind() {
        UncheckedIOException taken =
                assertThrows(UncheckedIOException.class, () -> MetricsServer.start(server.address(), () -> ""));
        assertTrue(String.valueOf(taken.getMessage())
                .contains(
                        "cannot serve metrics on 127.0.0.1:" + server.address().getPort()));
    }
}
