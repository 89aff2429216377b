package io.freshet.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A network that is cut for all subscribers at once: they come back at once too, or when the server tells each of them to, and go on behind
 * what they have. Owned by the leader's thread.
 */
final class Cut {
    private static final double SECOND_NS = 1e9;

    /** Clients without a word from the server come back evenly over this time, as many Java clients with their random waits do. */
    private static final long BACK_OFF_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LoadLoop leader;
    private final Connector connector;
    private final List<Connection> subscribers;
    private final long atNs;
    private final List<Long> backAfterNs = new ArrayList<>();
    private long cutNs;
    private boolean isCut;

    /** @param atNs when, after the begin of the measured part */
    Cut(LoadLoop leader, Connector connector, List<Connection> subscribers, long atNs) {
        this.leader = leader;
        this.connector = connector;
        this.subscribers = subscribers;
        this.atNs = atNs;
    }

    /** In each turn of the measured part, {@code sinceNs} after its begin. */
    void doWork(long sinceNs, long nowNs) {
        if (!isCut && sinceNs >= atNs) {
            isCut = true;
            cutNs = nowNs;
            for (int i = 0; i < subscribers.size(); i++) {
                Connection subscriber = subscribers.get(i);
                subscriber.loop().execute(subscriber::cut);
                connector.addLater(subscriber, BACK_OFF_NS * i / subscribers.size());
            }
        }
        if (isCut) {
            connector.doWork(nowNs);
        }
    }

    /** A subscriber has all its channels open. */
    void onOpen() {
        if (isCut) {
            backAfterNs.add(leader.nowNs() - cutNs);
        }
    }

    /** Whether everybody is back, or was never away. */
    boolean isOver() {
        return !isCut || backAfterNs.size() == subscribers.size();
    }

    /** What came of it, as a sentence. */
    String finding() {
        int last = backAfterNs.size() - 1;
        double halfS = last < 0 ? 0 : backAfterNs.get(last / 2) / SECOND_NS;
        double allS = last < 0 ? 0 : backAfterNs.get(last) / SECOND_NS;
        return String.format(
                Locale.ROOT,
                "%d of %d subscribers were back after the cut, half of them after %.2f s, the last after %.2f s; the server told %d "
                        + "times when to come.",
                backAfterNs.size(),
                subscribers.size(),
                halfS,
                allS,
                connector.laterCount());
    }
}
