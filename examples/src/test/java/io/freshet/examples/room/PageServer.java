package io.freshet.examples.room;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/** Serves pages of the tests' resources on a loopback port. */
final class PageServer implements AutoCloseable {
    private static final Map<String, String> TYPES =
            Map.of("html", "text/html; charset=utf-8", "js", "text/javascript; charset=utf-8");
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;

    private final HttpServer server;

    private PageServer(HttpServer server) {
        this.server = server;
    }

    /** @param root absolute path of the resources */
    static PageServer start(String root) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String name = exchange.getRequestURI().getPath().substring(1);
            String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            try (exchange;
                    InputStream page = type == null ? null : PageServer.class.getResourceAsStream(root + name)) {
                if (page == null) {
                    exchange.sendResponseHeaders(NOT_FOUND, -1);
                    return;
                }
                byte[] bytes = page.readAllBytes();
                exchange.getResponseHeaders().set("Content-Type", type);
                exchange.sendResponseHeaders(OK, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.start();
        return new PageServer(server);
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
