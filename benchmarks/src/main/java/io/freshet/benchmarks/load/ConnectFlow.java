package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Mark.Stage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Connections alone: a storm is measured while they are made, idle ones while nothing happens any more. Owned by the
 * leader's thread.
 */
final class ConnectFlow implements Flow {
    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** What is being done. */
    private enum Phase {
        BEFORE,
        CONNECT,
        SETTLE,
        HOLD,
        DONE
    }

    private final Scenario scenario;
    private final Connector connector;
    private final Marker marker;
    private final boolean isStorm;
    private Phase phase = Phase.BEFORE;
    private long phaseEndNs;

    ConnectFlow(Scenario scenario, LoadTeam team, Topology topology, Connector connector, Consumer<Mark> marks) {
        this.scenario = scenario;
        this.connector = connector;
        isStorm = scenario.kind() == ScenarioKind.STORM;
        marker = new Marker(team, () -> 0, marks);
        connector.add(topology.subscribers());
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
        long waitNs = Math.min(IDLE_NS, marker.doWork(nowNs));
        switch (phase) {
            case BEFORE -> {
                if (isStorm) {
                    marker.mark(Stage.BEGIN, nowNs);
                }
                phase = Phase.CONNECT;
                phaseEndNs = nowNs + scenario.connectTimeoutNs();
                connector.doWork(nowNs);
            }
            case CONNECT -> {
                connector.doWork(nowNs);
                if (connector.isDone() || nowNs - phaseEndNs >= 0) {
                    onConnected(nowNs);
                }
            }
            case SETTLE -> {
                if (nowNs - phaseEndNs >= 0) {
                    marker.mark(Stage.BEGIN, nowNs);
                    phase = Phase.HOLD;
                    phaseEndNs = nowNs + scenario.durationNs();
                }
            }
            case HOLD -> {
                if (nowNs - phaseEndNs >= 0) {
                    marker.mark(Stage.END, nowNs);
                    end(nowNs);
                }
            }
            case DONE -> {
                return 0;
            }
        }
        return waitNs;
    }

    private void onConnected(long nowNs) {
        connector.giveUp();
        marker.mark(Stage.CONNECTED, nowNs);
        if (isStorm) {
            marker.mark(Stage.END, nowNs);
            end(nowNs);
        } else {
            phase = Phase.SETTLE;
            phaseEndNs = nowNs + scenario.warmupNs();
        }
    }

    private void end(long nowNs) {
        marker.mark(Stage.DONE, nowNs);
        phase = Phase.DONE;
    }
}
