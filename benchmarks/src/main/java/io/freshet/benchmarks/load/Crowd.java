package io.freshet.benchmarks.load;

import java.util.ArrayList;
import java.util.List;

/**
 * Subscribers that come with the peak of a show and leave when it decays: as many are there as the curve is high. Owned
 * by the leader's thread.
 */
final class Crowd {
    private final RateCurve curve;
    private final Connector connector;
    private final List<Connection> all;
    private final List<Connection> present = new ArrayList<>();
    private int come;

    Crowd(RateCurve curve, Connector connector, List<Connection> all) {
        this.curve = curve;
        this.connector = connector;
        this.all = all;
    }

    /** In each turn of the measured part, {@code sinceNs} after its begin. */
    void doWork(long sinceNs, long nowNs) {
        int wanted = (int) (all.size() * curve.height(sinceNs));
        boolean isFalling = sinceNs > curve.durationNs() - curve.decayNs();
        if (!isFalling && come < wanted) {
            connector.add(all.subList(come, wanted));
            come = wanted;
        }
        connector.doWork(nowNs);
        while (isFalling && present.size() > wanted) {
            Connection leaving = present.remove(present.size() - 1);
            leaving.loop().execute(leaving::close);
        }
    }

    void onOpen(Connection connection) {
        if (come > 0) {
            present.add(connection);
        }
    }
}
