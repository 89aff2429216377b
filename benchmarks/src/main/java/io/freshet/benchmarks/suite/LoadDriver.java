package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.load.LoadRun;
import io.freshet.benchmarks.load.LoadTarget;
import io.freshet.benchmarks.load.LoadTarget.WireKind;
import io.freshet.benchmarks.load.ProgressListener;
import io.freshet.benchmarks.load.Scenario;
import io.freshet.benchmarks.report.LoadResult;
import java.util.Map;

/** What puts a running server under load. */
@FunctionalInterface
public interface LoadDriver {
    /**
     * Runs a scenario to its end.
     *
     * @param settings keys of the scenario that differ from its own
     * @throws IllegalArgumentException when there is no such scenario, or a key or value is wrong
     */
    LoadResult run(String scenario, Map<String, String> settings, RunningServer server) throws InterruptedException;

    /** The load generator, in this process. It does not ask the server over JMX, which would cost the server time. */
    static LoadDriver loadRun() {
        return (scenario, settings, server) -> LoadRun.run(
                Scenario.named(scenario, settings),
                new LoadTarget(
                        server.address(),
                        server.contender().isFreshet() ? WireKind.FRESHET : WireKind.RAW,
                        server.contender().name(),
                        server.pid(),
                        "",
                        false,
                        server.transport()),
                ProgressListener.silent());
    }
}
