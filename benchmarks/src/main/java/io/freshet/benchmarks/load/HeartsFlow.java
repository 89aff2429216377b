package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Mark.Stage;
import io.freshet.protocol.SignalFrame;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Many clients of one channel who all are told its counter, and of whom some add to it, each ten times a second as a client does that
 * sums what its user clicks. At the end everybody must have been told exactly what all have sent. Owned by the leader's thread.
 *
 * <p>What is <em>published</em> is one heart each, what is <em>delivered</em> one frame that tells the total.
 */
final class HeartsFlow implements Flow {
    /** Signals that a client sends a second. */
    static final int SIGNALS_PER_S = 10;

    private static final double SECOND_NS = 1e9;
    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Until everybody was told what the counter stands at. */
    private static final long SETTLE_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** What is being done. */
    private enum Phase {
        CONNECT,
        SETTLE,
        WARM_UP,
        MEASURE,
        DRAIN,
        DONE
    }

    private final Scenario scenario;
    private final LoadTeam team;
    private final Connector connector;
    private final List<Connection> all;
    private final List<Connection> senders;
    private final Marker marker;
    private final double signalsPerS;
    private Phase phase = Phase.CONNECT;
    private boolean hasStarted;
    private long phaseEndNs;
    private long beginNs;
    private long signalCount;
    private long measuredFrom;
    private long measuredTo;
    private long before;
    private long sent;
    private int otherwise;

    HeartsFlow(Scenario scenario, LoadTeam team, Topology topology, Connector connector, Consumer<Mark> marks) {
        this.scenario = scenario;
        this.team = team;
        this.connector = connector;
        all = topology.subscribers();
        senders = all.subList(0, scenario.publishers());
        signalsPerS = senders.size() * (double) SIGNALS_PER_S;
        marker = new Marker(team, team::arrivedCount, marks);
        connector.add(all);
    }

    /** Hearts in one signal at most. */
    static double mostOf(double rate, int senders) {
        return Math.ceil(rate / senders / SIGNALS_PER_S);
    }

    static boolean isTooMuch(double rate, int senders) {
        return mostOf(rate, senders) > SignalFrame.MAX_MORE;
    }

    @Override
    public boolean isDone() {
        return phase == Phase.DONE;
    }

    @Override
    public void onOpen(Connection connection) {
        connector.onOpen();
    }

    @Override
    public void onClosed(Connection connection, boolean wasOpen, boolean hasFailed) {
        connector.onClosed(wasOpen, hasFailed);
    }

    @Override
    public void onLater(Connection connection, long delayNs) {
        connector.onLater(connection, delayNs);
    }

    @Override
    public long doWork(long nowNs) {
        if (!hasStarted) {
            hasStarted = true;
            phaseEndNs = nowNs + scenario.connectTimeoutNs();
        }
        long waitNs = Math.min(IDLE_NS, marker.doWork(nowNs));
        boolean isOver = nowNs - phaseEndNs >= 0;
        switch (phase) {
            case CONNECT -> connect(nowNs, isOver);
            case SETTLE -> {
                if (isOver) {
                    before = highest();
                    beginNs = nowNs;
                    enter(Phase.WARM_UP, nowNs + scenario.warmupNs());
                }
            }
            case WARM_UP -> {
                count(nowNs);
                if (isOver) {
                    marker.mark(Stage.BEGIN, nowNs);
                    measuredFrom = signalCount;
                    enter(Phase.MEASURE, nowNs + scenario.durationNs());
                }
            }
            case MEASURE -> {
                count(nowNs);
                if (isOver) {
                    marker.mark(Stage.END, nowNs);
                    measuredTo = signalCount;
                    enter(Phase.DRAIN, nowNs + scenario.drainNs());
                }
            }
            case DRAIN -> drain(nowNs, isOver);
            case DONE -> {
                return 0;
            }
        }
        return waitNs;
    }

    private void enter(Phase next, long endNs) {
        phase = next;
        phaseEndNs = endNs;
    }

    private void connect(long nowNs, boolean isOver) {
        connector.doWork(nowNs);
        if (connector.isDone() || isOver) {
            connector.giveUp();
            marker.mark(Stage.CONNECTED, nowNs);
            if (connector.hasFailures()) {
                done(nowNs);
            } else {
                enter(Phase.SETTLE, nowNs + SETTLE_NS);
            }
        }
    }

    /** Sends what is due: each sender in its turn, the hearts of all of them together at the rate. */
    private void count(long nowNs) {
        double seconds = (nowNs - beginNs) / SECOND_NS;
        long due = (long) (seconds * signalsPerS);
        while (signalCount < due) {
            long upTo = (long) ((signalCount + 1) / signalsPerS * scenario.rate());
            Connection sender = senders.get((int) (signalCount % senders.size()));
            signalCount++;
            long more = upTo - sent;
            if (more > 0) {
                sent = upTo;
                team.leader().meter().published += more;
                sender.loop().execute(() -> sender.loop().wire().count(sender, more));
            }
        }
    }

    private long highest() {
        long[] highest = {0};
        team.standStill(() -> all.forEach(
                each -> highest[0] = Math.max(highest[0], each.counter().total())));
        return highest[0];
    }

    /** Waits until everybody was told of everything. */
    private void drain(long nowNs, boolean isOver) {
        if (nowNs - phaseEndNs + scenario.drainNs() < LOOK_NS) {
            return;
        }
        int[] count = {0};
        team.standStill(() -> {
            for (Connection each : all) {
                count[0] += each.counter().total() == before + sent ? 0 : 1;
            }
        });
        otherwise = count[0];
        if (otherwise == 0 || isOver) {
            done(nowNs);
        }
    }

    private void done(long nowNs) {
        marker.mark(Stage.DONE, nowNs);
        phase = Phase.DONE;
    }

    @Override
    public List<String> findings() {
        return List.of(String.format(
                Locale.ROOT,
                "%,d hearts were sent in all, in %,d signals of the measured part; %,d of %,d clients were told exactly so many at the end.",
                sent,
                measuredTo - measuredFrom,
                all.size() - otherwise,
                all.size()));
    }

    @Override
    public List<String> faults() {
        return otherwise == 0
                ? List.of()
                : List.of(otherwise + " clients were told another total than " + sent + " at the end.");
    }
}
