package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Mark.Stage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Publishers and subscribers: connect all, warm up, measure, stop to publish, wait for what is under way. Owned by the
 * load thread.
 */
final class TrafficFlow implements Flow {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** What is being done. */
    private enum Phase {
        CONNECT,
        WARM_UP,
        MEASURE,
        DRAIN,
        DONE
    }

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Scenario scenario;
    private final Meter meter;
    private final Topology topology;
    private final Connector connector;
    private final Consumer<Mark> marks;
    private final List<Publisher> publishers;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private Phase phase = Phase.CONNECT;
    private @Nullable Schedule schedule;
    private long phaseEndNs;
    private long nextSecondNs;
    private int nextPublisher;

    TrafficFlow(Scenario scenario, LoadLoop loop, Topology topology, Connector connector, Consumer<Mark> marks) {
        this.scenario = scenario;
        this.topology = topology;
        this.connector = connector;
        this.marks = marks;
        meter = loop.meter();
        publishers = topology.publishers();
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
    }

    @Override
    public void onClosed(Connection connection, boolean wasOpen) {
        connector.onClosed(wasOpen);
    }

    @Override
    public void onSubscribed(Subscription subscription) {
        subscriptions.add(subscription);
    }

    @Override
    public long doWork(long nowNs) {
        if (phaseEndNs == 0) {
            phaseEndNs = nowNs + scenario.connectTimeoutNs();
            nextSecondNs = nowNs + SECOND_NS;
        }
        if (nowNs - nextSecondNs >= 0) {
            mark(Stage.SECOND, nowNs);
            nextSecondNs += SECOND_NS;
        }
        return switch (phase) {
            case CONNECT -> connect(nowNs);
            case WARM_UP, MEASURE -> publish(nowNs);
            case DRAIN -> drain(nowNs);
            case DONE -> 0;
        };
    }

    private long connect(long nowNs) {
        connector.doWork();
        if (connector.failedCount() > 0 || nowNs - phaseEndNs >= 0) {
            end(nowNs);
        } else if (connector.isDone()) {
            mark(Stage.CONNECTED, nowNs);
            phase = Phase.WARM_UP;
            phaseEndNs = nowNs + scenario.warmupNs();
            if (scenario.isOpenLoop()) {
                schedule = new Schedule(scenario.rate(), nowNs);
            }
            return 0;
        }
        return IDLE_NS;
    }

    private long publish(long nowNs) {
        if (nowNs - phaseEndNs >= 0) {
            next(nowNs);
            return 0;
        }
        if (connector.failedCount() > 0) {
            end(nowNs);
            return 0;
        }
        long waitNs = Math.min(nextSecondNs, phaseEndNs) - nowNs;
        if (schedule != null) {
            waitNs = Math.min(waitNs, enqueueDue(schedule, nowNs));
        }
        publishAll(nowNs);
        return Math.min(waitNs, IDLE_NS);
    }

    /** Gives the publishers what is due; returns how long nothing more will be. */
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
            mark(Stage.BEGIN, nowNs);
            phase = Phase.MEASURE;
            phaseEndNs = nowNs + scenario.durationNs();
        } else {
            mark(Stage.END, nowNs);
            publishers.forEach(Publisher::stop);
            phase = Phase.DRAIN;
            phaseEndNs = nowNs + scenario.drainNs();
        }
    }

    /** What was due and could not be sent yet is still sent, and what was sent awaited. */
    private long drain(long nowNs) {
        publishAll(nowNs);
        if (isSettled() || nowNs - phaseEndNs >= 0) {
            end(nowNs);
            return 0;
        }
        return TimeUnit.MILLISECONDS.toNanos(1);
    }

    private boolean isSettled() {
        return meter.delivered + meter.lost >= expected()
                && publishers.stream().allMatch(Publisher::isSettled)
                && subscriptions.stream().allMatch(each -> each.missingCount() == 0);
    }

    private void end(long nowNs) {
        for (Subscription subscription : subscriptions) {
            meter.lost += subscription.missingCount();
        }
        mark(Stage.DONE, nowNs);
        phase = Phase.DONE;
    }

    private void mark(Stage stage, long nowNs) {
        marks.accept(new Mark(stage, nowNs, threads.getCurrentThreadCpuTime(), meter.take(), expected()));
    }

    /** Each message once for each subscriber of its channel. */
    private long expected() {
        long expected = 0;
        for (LoadChannel channel : topology.channels()) {
            long published = 0;
            for (Outlet outlet : channel.outlets()) {
                published += outlet.publishedCount();
            }
            expected += published * scenario.subscribers();
        }
        return expected;
    }
}
