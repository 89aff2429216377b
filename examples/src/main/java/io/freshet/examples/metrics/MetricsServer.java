package io.freshet.examples.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Answers {@code GET /metrics} with what is given to it, and nothing else. Two threads; a client that sends or reads too
 * slowly is given up, and who comes when too many wait is turned away.
 */
public final class MetricsServer implements AutoCloseable {
    /** Where it answers. */
    public static final String PATH = "/metrics";

    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final int BACKLOG = 16;
    private static final int THREAD_COUNT = 2;
    private static final int WAITING_COUNT = 16;

    static {
        // The limits of the JDK's server, in seconds and items, read once by its classes.
        limit("sun.net.httpserver.maxReqTime", 5);
        limit("sun.net.httpserver.maxRspTime", 10);
        limit("sun.net.httpserver.maxReqHeaders", 50);
        limit("jdk.httpserver.maxConnections", 32);
    }

    private final HttpServer server;
    private final ThreadPoolExecutor executor;
    private final Supplier<String> metrics;

    private MetricsServer(HttpServer server, Supplier<String> metrics) {
        this.server = server;
        this.metrics = metrics;
        AtomicInteger count = new AtomicInteger();
        executor = new ThreadPoolExecutor(
                THREAD_COUNT, THREAD_COUNT, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(WAITING_COUNT), task -> {
                    Thread thread = new Thread(task, "freshet-metrics-" + count.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    private static void limit(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(value));
        }
    }

    /**
     * Binds and begins to answer.
     *
     * @param metrics called for each request, on either thread
     * @throws UncheckedIOException when the address cannot be bound
     */
    public static MetricsServer start(InetSocketAddress address, Supplier<String> metrics) {
        HttpServer http;
        try {
            if (address.isUnresolved()) {
                throw new BindException("the host is not known");
            }
            http = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            String where = address.getHostString() + ":" + address.getPort();
            BindException cause = new BindException("cannot serve metrics on " + where + ": " + e.getMessage());
            cause.initCause(e);
            throw new UncheckedIOException(cause);
        }
        MetricsServer server = new MetricsServer(http, metrics);
        http.setExecutor(server.executor);
        http.createContext("/", server::answer);
        http.start();
        return server;
    }

    /** Where it listens, with the port that was chosen. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!exchange.getRequestURI().getPath().equals(PATH)) {
                send(exchange, 404, "not found; see " + PATH + "\n");
            } else if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, 405, "method not allowed\n");
            } else {
                send(exchange, 200, metrics.get());
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Ends it at once, also for who is being answered. */
    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
