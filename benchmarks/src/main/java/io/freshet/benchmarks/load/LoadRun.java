package io.freshet.benchmarks.load;

import com.google.protobuf.ByteString;
import io.freshet.benchmarks.load.LoadTarget.WireKind;
import io.freshet.benchmarks.report.LoadResult;
import io.netty.handler.ssl.SslContext;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs a scenario against a server. Here the clock and randomness enter.
 *
 * <p>The load has threads of its own. The thread that calls only looks at the processes once a second and adds up; it
 * may call again as often as it likes.
 */
public final class LoadRun {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

    private final Scenario scenario;
    private final LoadTarget target;
    private final LoadTeam team;
    private final Flow flow;
    private final BlockingQueue<Mark> marks = new LinkedBlockingQueue<>();

    private LoadRun(Scenario scenario, LoadTarget target) {
        this.scenario = scenario;
        this.target = target;
        SplittableRandom random = new SplittableRandom(System.nanoTime());
        int run = scenario.kind() == ScenarioKind.REPLAY ? ReplayFlow.RUN : random.nextInt();
        SslContext tls = TransportLayers.newContext(target.transport());
        team = new LoadTeam(
                scenario.threads(),
                number -> new LoadLoop(
                        scenario,
                        new TransportLayers(target, tls, random.split()),
                        wire(random.split()),
                        number,
                        run,
                        System::nanoTime));
        Connector connector = new Connector(team.leader(), target.server(), scenario, scenario.connectRate());
        Topology topology = new Topology(scenario, team, run);
        flow = switch (scenario.kind()) {
            case TRAFFIC -> new TrafficFlow(scenario, team, topology, connector, marks::add);
            case IDLE, STORM -> new ConnectFlow(scenario, team, topology, connector, marks::add);
            case HEARTS -> new HeartsFlow(scenario, team, topology, connector, marks::add);
            case REPLAY -> new ReplayFlow(scenario, team, topology, connector, marks::add);
        };
    }

    private Wire wire(SplittableRandom random) {
        boolean isOfHearts = scenario.kind() == ScenarioKind.HEARTS;
        if (target.wire() == WireKind.RAW) {
            if (scenario.maySkip()) {
                throw new IllegalArgumentException(scenario.name() + ": only Freshet has modes, mode must be every");
            }
            if (isOfHearts) {
                throw new IllegalArgumentException(scenario.name() + ": only Freshet has counters");
            }
            return new RawWire(scenario.payloadLength());
        }
        Wire frames = new FreshetWire(
                ByteString.copyFromUtf8(target.token()), random, scenario.mode(), scenario.samples(), isOfHearts);
        return target.transport().webSocketPath() == null ? frames : new WebSocketWire(frames, random.split());
    }

    /**
     * Runs the scenario to its end and blocks as long as that takes. What goes wrong between the load and the server is
     * told in the result, whose {@code passed} is false then.
     *
     * @param listener told once a second, on this thread
     * @throws IllegalStateException when the load generator itself has failed
     */
    public static LoadResult run(Scenario scenario, LoadTarget target, ProgressListener listener)
            throws InterruptedException {
        return new LoadRun(scenario, target).run(listener);
    }

    private LoadResult run(ProgressListener listener) throws InterruptedException {
        String startedAt = Instant.now().toString();
        Reckoning reckoning = new Reckoning(scenario, target, System.nanoTime());
        team.start(flow);
        Mark mark;
        do {
            mark = marks.poll(PATIENCE_NS, TimeUnit.NANOSECONDS);
            if (mark != null) {
                reckoning.add(mark, listener);
            } else if (!team.isAlive() && marks.isEmpty()) {
                break;
            }
        } while (mark == null || mark.stage() != Mark.Stage.DONE);
        team.join();
        return reckoning.result(startedAt, team.failures(), flow);
    }
}
