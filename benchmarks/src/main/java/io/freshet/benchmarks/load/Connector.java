package io.freshet.benchmarks.load;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections, a bounded number at a time. A loopback server sees them come from several addresses of 127.0.0.0/8,
 * since one address has not ports enough. Owned by the load thread.
 */
final class Connector {
    private static final int FIRST_SOURCE = 2;
    private static final int BLOCK_COUNT = 250;

    private final LoadLoop loop;
    private final boolean isLoopback;
    private final int maxUnderWay;
    private final int perSource;
    private final ArrayDeque<Connection> waiting = new ArrayDeque<>();
    private int underWay;
    private int begun;
    private int opened;
    private int failed;

    Connector(LoadLoop loop, InetSocketAddress server, Scenario scenario) {
        this.loop = loop;
        byte[] address = server.getAddress().getAddress();
        isLoopback = address.length == 4 && address[0] == 127;
        maxUnderWay = scenario.underWay();
        perSource = scenario.connectionsPerSource();
    }

    void add(Collection<Connection> connections) {
        waiting.addAll(connections);
    }

    /** Begins as many connections as may be under way. */
    void doWork() {
        while (underWay < maxUnderWay && !waiting.isEmpty()) {
            underWay++;
            loop.connect(waiting.removeFirst(), source(begun++ / perSource));
        }
    }

    private @Nullable InetSocketAddress source(int block) {
        return isLoopback ? new InetSocketAddress("127.0.0." + (FIRST_SOURCE + block % BLOCK_COUNT), 0) : null;
    }

    void onOpen() {
        underWay--;
        opened++;
    }

    /** A connection has failed or ended; {@code wasOpen} whether it was open before. */
    void onClosed(boolean wasOpen) {
        if (!wasOpen) {
            underWay--;
        }
        failed++;
    }

    /** Whether every connection is open or has failed. */
    boolean isDone() {
        return waiting.isEmpty() && underWay == 0;
    }

    int openedCount() {
        return opened;
    }

    int failedCount() {
        return failed;
    }
}
