package io.freshet.benchmarks.suite;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One line of the table: the same work for several servers, and what the first of them must reach beside the others.
 *
 * @param name what it is asked for by
 * @param work what is done, as people say it
 * @param scenario the load generator's scenario
 * @param settings its keys that differ from the scenario's own
 * @param quickSettings those that a short run changes in addition
 * @param serverFlags JVM flags of its servers beyond those of every row
 * @param contenders the engine first
 * @param keepsData whether a server's data directory serves all rounds, filled in the first
 */
record Row(
        String name,
        String work,
        String scenario,
        Map<String, String> settings,
        Map<String, String> quickSettings,
        List<String> serverFlags,
        List<Contender> contenders,
        List<Bar> bars,
        boolean keepsData) {
    Row {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        quickSettings = Collections.unmodifiableMap(new LinkedHashMap<>(quickSettings));
        serverFlags = List.copyOf(serverFlags);
        contenders = List.copyOf(contenders);
        bars = List.copyOf(bars);
    }

    Contender subject() {
        return contenders.get(0);
    }

    /** The scenario's keys as this run uses them. */
    Map<String, String> settings(boolean isQuick) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        if (isQuick) {
            all.putAll(quickSettings);
        }
        return all;
    }
}
