package io.freshet.benchmarks.load;

/** When the messages of an open loop are due, whatever the server does. Owned by the leader's thread. */
final class Schedule {
    private static final double SECOND_NS = 1e9;

    private final RateCurve curve;
    private final long startNs;
    private final long beginNs;
    private double offsetNs;

    /**
     * @param startNs when the first message is due
     * @param beginNs when the curve begins
     */
    Schedule(RateCurve curve, long startNs, long beginNs) {
        this.curve = curve;
        this.startNs = startNs;
        this.beginNs = beginNs;
    }

    /** When the next message is due. */
    long nextNs() {
        return startNs + (long) offsetNs;
    }

    void advance() {
        offsetNs += SECOND_NS / curve.at(nextNs() - beginNs);
    }
}
