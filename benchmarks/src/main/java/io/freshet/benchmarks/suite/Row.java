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
 * @param contenders the engine first
 * @param bars what it must reach beside the others
 * @param preparation of each server
 */
record Row(
        String name,
        String work,
        String scenario,
        Map<String, String> settings,
        Map<String, String> quickSettings,
        List<Contender> contenders,
        List<Bar> bars,
        Preparation preparation) {
    Row {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        quickSettings = Collections.unmodifiableMap(new LinkedHashMap<>(quickSettings));
        contenders = List.copyOf(contenders);
        bars = List.copyOf(bars);
    }

    /** Whether what a virtual machine allocates is judged or told: every server of the row is asked for it then, as that takes time. */
    boolean asksJvm() {
        return bars.stream().anyMatch(bar -> bar.metric().isOfJvm());
    }

    Contender subject() {
        return contenders.get(0);
    }

    /** The scenario's keys as this contender is measured with. */
    Map<String, String> settings(Contender contender, boolean isQuick) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        if (isQuick) {
            all.putAll(quickSettings);
        }
        all.putAll(contender.settings());
        return all;
    }
}
