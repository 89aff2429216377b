package io.freshet.benchmarks.suite;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a row's servers are given before they are measured.
 *
 * @param serverFlags JVM flags beyond those of every row
 * @param keepsData whether a server's data directory serves all rounds, filled in the first
 * @param runCount runs against the same process that are thrown away, where the measured one is too short to warm a
 *     virtual machine up, or must not count what is loaded once
 * @param settings the scenario's keys that differ in those
 */
record Preparation(List<String> serverFlags, boolean keepsData, int runCount, Map<String, String> settings) {
    /** A new process on a new directory. */
    static final Preparation NONE = new Preparation(List.of(), false, 0, Map.of());

    Preparation {
        serverFlags = List.copyOf(serverFlags);
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }
}
