package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class MetricsProbeTest {
    private static final String TEXT = """
            # HELP freshet_socket_writes_total Times
            # TYPE freshet_socket_writes_total counter
            freshet_socket_writes_total{reactor="0"} 10.0
            freshet_socket_writes_total{reactor="1"} 1.5E7
            freshet_socket_writes_total_more 3.0
            freshet_sessions 2.0
            """;

    @Test
    void shouldAddUpTheReactorsOfAServer() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        server.createContext("/metrics", exchange -> {
            byte[] body = TEXT.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            try (exchange) {
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics");
        try {
            assertEquals(15_000_010, new MetricsProbe(address).socketWrites());
            assertEquals(MetricsProbe.UNKNOWN, new MetricsProbe(address.resolve("/else")).socketWrites());
        } finally {
            server.stop(0);
        }
        assertEquals(MetricsProbe.UNKNOWN, new MetricsProbe(address).socketWrites());
    }

    @Test
    void shouldKnowNothingWhereNobodyIsAskedOrTheNameIsNotThere() {
        assertEquals(MetricsProbe.UNKNOWN, new MetricsProbe(null).socketWrites());
        assertEquals(MetricsProbe.UNKNOWN, MetricsProbe.sum(TEXT, "freshet_else"));
        assertEquals(2, MetricsProbe.sum(TEXT, "freshet_sessions"));
        assertEquals(0, MetricsProbe.sum("none 0.0", "none"));
    }
}
