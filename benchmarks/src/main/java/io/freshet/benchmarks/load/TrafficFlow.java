package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Mark.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Publishers and subscribers: connect all, warm up, measure, stop to publish, wait for what is under way. Owned by the
 * leader's thread.
 */
final class TrafficFlow implements Flow {
    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long DRAIN_TURN_NS = TimeUnit.MILLISECONDS.toNanos(1);

    /** What is being done. */
    private enum Phase {
        BEFORE,
        CONNECT,
        WARM_UP,
        MEASURE,
        DRAIN,
        DONE
    }

    private final Scenario scenario;
    private final LoadTeam team;
    private final Connector connector;
    private final Marker marker;
    private final List<Publisher> publishers;
    private final List<Connection> waitedFor;
    private final RateCurve curve;
    private final Crowd crowd;
    private final @Nullable Stalls stalls;
    private final @Nullable Cut cut;
    private Phase phase = Phase.BEFORE;
    private @Nullable Schedule schedule;
    private long beginNs;
    private long phaseEndNs;
    private int nextPublisher;
    private long nextLookNs;

    TrafficFlow(Scenario scenario, LoadTeam team, Topology topology, Connector connector, Consumer<Mark> marks) {
        this.scenario = scenario;
        this.connector = connector;
        this.team = team;
        marker = new Marker(team, this::expected, marks);
        publishers = topology.publishers();
        curve = scenario.curve();
        crowd = new Crowd(curve, connector, topology.crowd());
        stalls = topology.stalling().isEmpty() ? null : new Stalls(topology.stalling(), scenario.durationNs(), team);
        cut = scenario.cutNs() == 0
                ? null
                : new Cut(team.leader(), connector, topology.subscribers(), scenario.cutNs());
        waitedFor = new ArrayList<>(topology.subscribers());
        waitedFor.removeAll(topology.stalling());
        connector.add(topology.subscribers());
        connector.add(topology.publisherConnections());
    }

    @Override
    public boolean isDone() {
        return phase == Phase.DONE;
    }

    @Override
    public void onOpen(Connection connection) {
        connector.onOpen();
        if (cut != null) {
            cut.onOpen();
        } else if (phase != Phase.CONNECT) {
            crowd.onOpen(connection);
        }
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
    public List<String> findings() {
        if (cut != null) {
            return List.of(cut.finding());
        }
        return stalls == null ? List.of() : List.of(stalls.finding());
    }

    @Override
    public List<String> faults() {
        return stalls != null && stalls.hasFallenBy(scenario.fall())
                ? List.of("The others noticed: their rate fell by more than " + scenario.fall() + " %.")
                : List.of();
    }

    @Override
    public long doWork(long nowNs) {
        long waitNs = Math.min(IDLE_NS, marker.doWork(nowNs));
        if (connector.hasFailures() && phase != Phase.DRAIN) {
            end(nowNs);
            return 0;
        }
        return switch (phase) {
            case BEFORE -> {
                phase = Phase.CONNECT;
                phaseEndNs = nowNs + scenario.connectTimeoutNs();
                yield 0;
            }
            case CONNECT -> Math.min(waitNs, connect(nowNs));
            case WARM_UP, MEASURE -> Math.min(waitNs, publish(nowNs));
            case DRAIN -> drain(nowNs);
            case DONE -> 0;
        };
    }

    private long connect(long nowNs) {
        connector.doWork(nowNs);
        if (nowNs - phaseEndNs >= 0) {
            connector.giveUp();
            end(nowNs);
            return 0;
        }
        if (!connector.isDone()) {
            return IDLE_NS;
        }
        marker.mark(Stage.CONNECTED, nowNs);
        phase = Phase.WARM_UP;
        phaseEndNs = nowNs + scenario.warmupNs();
        if (scenario.isOpenLoop()) {
            schedule = new Schedule(curve, nowNs, phaseEndNs);
        }
        if (stalls != null) {
            for (Connection other : waitedFor) {
                other.subscriptions().forEach(stalls::addOther);
            }
        }
        return 0;
    }

    private long publish(long nowNs) {
        long waitNs = phaseEndNs - nowNs;
        if (schedule != null) {
            // What is due in a phase is of this phase, however late this turn is.
            waitNs = Math.min(waitNs, enqueueDue(schedule, Math.min(nowNs, phaseEndNs - 1)));
        }
        if (schedule != null || nowNs - phaseEndNs < 0) {
            publishAll(nowNs);
        }
        if (nowNs - phaseEndNs >= 0) {
            next(nowNs);
            return 0;
        }
        if (phase == Phase.MEASURE) {
            crowd.doWork(nowNs - beginNs, nowNs);
            if (stalls != null) {
                stalls.doWork(nowNs - beginNs);
            }
            if (cut != null) {
                cut.doWork(nowNs - beginNs, nowNs);
            }
        }
        return waitNs;
    }

    /** Gives the publishers what is due up to now; returns how long nothing more will be. */
    private long enqueueDue(Schedule due, long nowNs) {
        long dueNs = due.nextNs();
        while (nowNs - dueNs >= 0) {
            publishers.get(nextPublisher).onDue(dueNs);
            nextPublisher = nextPublisher + 1 == publishers.size() ? 0 : nextPublisher + 1;
            due.advance();
            dueNs = due.nextNs();
        }
        return dueNs - nowNs;
    }

    private void publishAll(long nowNs) {
        for (int i = 0; i < publishers.size(); i++) {
            publishers.get(i).publish(nowNs);
        }
    }

    private void next(long nowNs) {
        if (phase == Phase.WARM_UP) {
            marker.mark(Stage.BEGIN, nowNs);
            phase = Phase.MEASURE;
            beginNs = phaseEndNs;
            phaseEndNs += scenario.durationNs();
            return;
        }
        marker.mark(Stage.END, nowNs);
        publishers.forEach(Publisher::stop);
        if (stalls != null) {
            stalls.end(nowNs - beginNs);
        }
        phase = Phase.DRAIN;
        phaseEndNs = nowNs + scenario.drainNs();
        nextLookNs = nowNs;
    }

    /** What was due and could not be sent yet is still sent, and what was sent awaited. */
    private long drain(long nowNs) {
        publishAll(nowNs);
        if (cut != null) {
            connector.doWork(nowNs);
        }
        boolean isLook = nowNs - nextLookNs >= 0;
        nextLookNs = isLook ? nowNs + DRAIN_TURN_NS : nextLookNs;
        if ((isLook && isSettled()) || nowNs - phaseEndNs >= 0) {
            end(nowNs);
            return 0;
        }
        return DRAIN_TURN_NS;
    }

    private boolean isSettled() {
        if (!publishers.stream().allMatch(Publisher::isSettled) || (cut != null && !cut.isOver())) {
            return false;
        }
        boolean[] isSettled = new boolean[1];
        team.standStill(() -> isSettled[0] = team.subscriptions().stream().allMatch(each -> each.missingCount() == 0));
        return isSettled[0];
    }

    private void end(long nowNs) {
        team.standStill(() -> {
            for (Subscription subscription : team.subscriptions()) {
                team.leader().meter().lost += subscription.missingCount();
            }
            marker.mark(Stage.DONE, nowNs);
        });
        phase = Phase.DONE;
    }

    /** Each message once for each subscriber that was there for it. */
    private long expected() {
        long expected = 0;
        for (Subscription subscription : team.subscriptions()) {
            expected += subscription.expectedCount();
        }
        return expected;
    }
}
