package io.freshet.benchmarks.load;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections, a bounded number at a time and no more a second than asked for. A loopback server sees them come
 * from several addresses of 127.0.0.0/8, since one address has not ports enough. Owned by the leader's thread.
 */
final class Connector {
    private static final int FIRST_SOURCE = 2;
    private static final int SOURCE_COUNT = 250;
    private static final double SECOND_NS = 1e9;

    private final LoadLoop leader;
    private final boolean isLoopback;
    private final int maxUnderWay;
    private final int perSource;
    private final double intervalNs;
    private final ArrayDeque<Connection> waiting = new ArrayDeque<>();
    private long startNs;
    private int underWay;
    private int begun;
    private int failed;
    private int postponed;
    private long laterCount;

    /** @param perS connections begun a second at most, 0: as many as the bound on those under way allows */
    Connector(LoadLoop leader, InetSocketAddress server, Scenario scenario, double perS) {
        this.leader = leader;
        byte[] address = server.getAddress().getAddress();
        isLoopback = address.length == 4 && address[0] == 127;
        maxUnderWay = scenario.underWay();
        perSource = scenario.connectionsPerSource();
        intervalNs = perS > 0 ? SECOND_NS / perS : 0;
    }

    void add(Collection<Connection> connections) {
        waiting.addAll(connections);
    }

    /** Begins this one after a while. */
    void addLater(Connection connection, long delayNs) {
        postponed++;
        leader.schedule(
                () -> {
                    postponed--;
                    waiting.add(connection);
                },
                delayNs);
    }

    /** A connection that was under way was told by the server to come again after this time. */
    void onLater(Connection connection, long delayNs) {
        underWay--;
        laterCount++;
        addLater(connection, delayNs);
    }

    /** How often the server told a connection to come later. */
    long laterCount() {
        return laterCount;
    }

    /** Begins as many connections as may be under way. */
    void doWork(long nowNs) {
        if (begun == 0) {
            startNs = nowNs;
        }
        while (underWay < maxUnderWay && !waiting.isEmpty() && nowNs - startNs >= (long) (begun * intervalNs)) {
            underWay++;
            Connection next = waiting.removeFirst();
            next.loop().connect(next, source(begun++ / perSource));
        }
    }

    private @Nullable InetSocketAddress source(int block) {
        return isLoopback ? new InetSocketAddress("127.0.0." + (FIRST_SOURCE + block % SOURCE_COUNT), 0) : null;
    }

    void onOpen() {
        underWay--;
    }

    /** A connection has failed or ended; {@code wasOpen} whether it was open before. */
    void onClosed(boolean wasOpen, boolean hasFailed) {
        if (!wasOpen) {
            underWay--;
        }
        if (hasFailed) {
            failed++;
        }
    }

    /** The time is over: what is not open has failed. */
    void giveUp() {
        int count = waiting.size() + underWay + postponed;
        if (count > 0) {
            leader.fail("not open in time", count);
            waiting.clear();
        }
    }

    /** The run cannot go on for this reason. */
    void refuse(String reason) {
        failed++;
        leader.fail(reason, 1);
    }

    /** Whether every connection is open or has failed. */
    boolean isDone() {
        return waiting.isEmpty() && underWay == 0 && postponed == 0;
    }

    boolean hasFailures() {
        return failed > 0;
    }
}
