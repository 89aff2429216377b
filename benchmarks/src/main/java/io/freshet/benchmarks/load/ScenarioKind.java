package io.freshet.benchmarks.load;

import java.util.Locale;

/** What a scenario does in the large. */
public enum ScenarioKind {
    /** Publishers and subscribers, in a closed or an open loop. */
    TRAFFIC,
    /** Connections that do nothing: what each costs in memory. */
    IDLE,
    /** Connections that come all at once: what each costs to be accepted. */
    STORM,
    /** A counter that many add to: all are told what it stands at, and exactly that. */
    HEARTS,
    /** History: fills channels unless they are filled, then reads all of it. */
    REPLAY;

    /** The name in files and on the command line. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
