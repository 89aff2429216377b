package io.freshet.benchmarks.suite;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a row's servers are given before they are measured.
 *
 * @param serverFlags JVM flags beyond those of every row
 * @param keepsServers whether one process of each server serves all rounds, warmed up once, as a server that has run for a
 *     while; otherwise each run gets a new process on a new directory
 * @param runCount runs against a new process that are thrown away
 * @param settings the scenario's keys that differ in those
 */
record Preparation(List<String> serverFlags, boolean keepsServers, int runCount, Map<String, String> settings) {
    /** Servers that have run long enough that their virtual machine compiles nothing more. */
    static final Preparation WARM = warm("10s");

    /** The same for work at a low rate, at which that takes longer. */
    static final Preparation WARM_SLOWLY = warm("30s");

    Preparation {
        serverFlags = List.copyOf(serverFlags);
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    private static Preparation warm(String duration) {
        return new Preparation(List.of(), true, 1, Map.of("duration", duration));
    }
}
