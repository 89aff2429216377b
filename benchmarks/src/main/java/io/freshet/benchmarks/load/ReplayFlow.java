package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Mark.Stage;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * History: publishes until the channels hold what they are to hold, unless they do already, then reads all of it from the
 * first message on. The reading is what is measured. Owned by the leader's thread.
 */
final class ReplayFlow implements Flow {
    /** The run that the messages of every replay say they are of, so that a later one can read them. */
    static final int RUN = 0x5EED;

    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** What is being done. */
    private enum Phase {
        BEFORE,
        CONNECT,
        FILL,
        READ,
        DONE
    }

    private final Scenario scenario;
    private final LoadTeam team;
    private final Meter meter;
    private final Topology topology;
    private final Connector connector;
    private final Marker marker;
    private Phase phase = Phase.BEFORE;
    private String finding = "";
    private long progress;
    private long progressNs;

    ReplayFlow(Scenario scenario, LoadTeam team, Topology topology, Connector connector, Consumer<Mark> marks) {
        this.scenario = scenario;
        this.topology = topology;
        this.connector = connector;
        this.team = team;
        meter = team.leader().meter();
        marker = new Marker(team, this::expected, marks);
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
    public List<String> findings() {
        return finding.isEmpty() ? List.of() : List.of(finding);
    }

    @Override
    public long doWork(long nowNs) {
        long waitNs = Math.min(IDLE_NS, marker.doWork(nowNs));
        if (connector.hasFailures() || isStuck(nowNs)) {
            end(nowNs);
            return 0;
        }
        switch (phase) {
            case BEFORE -> begin(nowNs);
            case CONNECT -> connect(nowNs);
            case FILL -> fill(nowNs);
            case READ -> read(nowNs);
            case DONE -> {
                return 0;
            }
        }
        return waitNs;
    }

    /** A server whose messages no client publishes, since it has them as a file, is only read. */
    private void begin(long nowNs) {
        progressNs = nowNs;
        if (scenario.isFilled()) {
            skip(nowNs);
        } else {
            connector.add(topology.publisherConnections());
            connector.doWork(nowNs);
            phase = Phase.CONNECT;
        }
    }

    private void connect(long nowNs) {
        connector.doWork(nowNs);
        if (!connector.isDone()) {
            return;
        }
        long held = 0;
        long wanted = 0;
        for (LoadChannel channel : topology.channels()) {
            Outlet outlet = channel.outlets().get(0);
            held += Math.min(outlet.headAtOpen(), outlet.limit());
            wanted += outlet.limit();
        }
        if (held == wanted) {
            topology.publisherConnections().forEach(Connection::close);
            skip(nowNs);
        } else if (held > 0) {
            finding = "The channels hold " + held + " of " + wanted + " messages already; name others with channel = …";
            connector.refuse(finding);
            end(nowNs);
        } else {
            phase = Phase.FILL;
        }
    }

    private void skip(long nowNs) {
        for (LoadChannel channel : topology.channels()) {
            channel.outlets().get(0).skipToLimit();
        }
        beginToRead(nowNs);
    }

    private void fill(long nowNs) {
        for (int i = 0; i < topology.publishers().size(); i++) {
            topology.publishers().get(i).publish(nowNs);
        }
        if (meter.acknowledged >= scenario.messages()) {
            topology.publisherConnections().forEach(Connection::close);
            beginToRead(nowNs);
        }
    }

    private void beginToRead(long nowNs) {
        marker.mark(Stage.BEGIN, nowNs);
        connector.add(topology.subscribers());
        connector.doWork(nowNs);
        phase = Phase.READ;
    }

    private void read(long nowNs) {
        connector.doWork(nowNs);
        long wanted = scenario.messages() * scenario.readers();
        if (connector.isDone() && team.arrivedCount() >= wanted) {
            marker.mark(Stage.END, nowNs);
            end(nowNs);
        }
    }

    /** Whether nothing was acknowledged and nothing has arrived for as long as a run waits at its end. */
    private boolean isStuck(long nowNs) {
        long now = meter.acknowledged + team.arrivedBytes();
        if (now != progress || phase == Phase.BEFORE) {
            progress = now;
            progressNs = nowNs;
        }
        return nowNs - progressNs > scenario.drainNs();
    }

    private void end(long nowNs) {
        team.standStill(() -> {
            for (Subscription subscription : team.subscriptions()) {
                meter.lost += subscription.missingCount();
            }
            marker.mark(Stage.DONE, nowNs);
        });
        phase = Phase.DONE;
    }

    private long expected() {
        return phase == Phase.READ || phase == Phase.DONE ? scenario.messages() * scenario.readers() : 0;
    }
}
