package io.freshet.benchmarks.load;

/** When the messages of an open loop are due: at a fixed rate, whatever the server does. Owned by the load thread. */
final class Schedule {
    private static final double SECOND_NS = 1e9;

    private final double intervalNs;
    private final long startNs;
    private long count;

    /** @param perS messages a second, the first at {@code startNs} */
    Schedule(double perS, long startNs) {
        this.startNs = startNs;
        intervalNs = SECOND_NS / perS;
    }

    /** When the next message is due. */
    long nextNs() {
        return startNs + (long) (count * intervalNs);
    }

    void advance() {
        count++;
    }
}
