package io.freshet.benchmarks.load;

import com.google.protobuf.ByteString;
import io.freshet.benchmarks.load.LoadTarget.WireKind;
import io.freshet.benchmarks.report.LoadResult;
import java.time.Instant;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario against a server. Here the clock and randomness enter.
 *
 * <p>The load has a thread of its own. The thread that calls only looks at the processes once a second and adds up; it
 * may call again as often as it likes.
 */
public final class LoadRun {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

    private final Scenario scenario;
    private final LoadTarget target;
    private final LoadLoop loop;
    private final Flow flow;
    private final BlockingQueue<Mark> marks = new LinkedBlockingQueue<>();
    private volatile @Nullable Throwable failure;

    private LoadRun(Scenario scenario, LoadTarget target) {
        this.scenario = scenario;
        this.target = target;
        SplittableRandom random = new SplittableRandom(System.nanoTime());
        int run = scenario.kind() == ScenarioKind.REPLAY ? ReplayFlow.RUN : random.nextInt();
        Wire wire = target.wire() == WireKind.RAW
                ? new RawWire(scenario.payloadLength())
                : new FreshetWire(ByteString.copyFromUtf8(target.token()), random);
        loop = new LoadLoop(scenario, target.server(), wire, run, System::nanoTime);
        Connector connector = new Connector(loop, target.server(), scenario, scenario.connectRate());
        Topology topology = new Topology(scenario, loop, run);
        flow = switch (scenario.kind()) {
            case TRAFFIC -> new TrafficFlow(scenario, loop, topology, connector, marks::add);
            case IDLE, STORM -> new ConnectFlow(scenario, loop, topology, connector, marks::add);
            case REPLAY -> new ReplayFlow(scenario, loop, topology, connector, marks::add);
        };
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
        Thread thread = new Thread(this::load, "freshet-load");
        thread.setDaemon(true);
        thread.start();
        Mark mark;
        do {
            mark = marks.poll(PATIENCE_NS, TimeUnit.NANOSECONDS);
            if (mark != null) {
                reckoning.add(mark, listener);
            } else if (!thread.isAlive() && marks.isEmpty()) {
                break;
            }
        } while (mark == null || mark.stage() != Mark.Stage.DONE);
        thread.join();
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException("the load generator failed: " + cause, cause);
        }
        Map<String, Integer> failures = loop.failures();
        return reckoning.result(startedAt, failures, flow.findings());
    }

    private void load() {
        try {
            loop.run(flow);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }
}
