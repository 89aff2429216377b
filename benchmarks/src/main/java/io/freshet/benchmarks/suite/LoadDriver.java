package io.freshet.benchmarks.suite;

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
}
