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
     * @param isJvmAsked whether the server's virtual machine is asked what it allocates
     * @throws IllegalArgumentException when there is no such scenario, or a key or value is wrong
     */
    LoadResult run(String scenario, Map<String, String> settings, RunningServer server, boolean isJvmAsked)
            throws InterruptedException;

    /** The load generator, in this process. */
    static LoadDriver loadRun() {
        return (scenario, settings, server, isJvmAsked) -> LoadRun.run(
                Scenario.named(scenario, settings),
                new LoadTarget(
                        server.address(),
                        server.contender().isFreshet() ? WireKind.FRESHET : WireKind.RAW,
                        server.contender().name(),
                        server.pid(),
                        "",
                        isJvmAsked,
                        server.transport(),
                        server.metrics()),
                ProgressListener.silent());
    }
}
