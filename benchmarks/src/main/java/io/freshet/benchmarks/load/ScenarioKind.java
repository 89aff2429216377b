package io.freshet.benchmarks.load;

import java.util.Locale;

/** What a scenario does in the large. */
public enum ScenarioKind {
    /** Publishers and subscribers, in a closed or an open loop. */
    TRAFFIC;

    /** The name in files and on the command line. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
