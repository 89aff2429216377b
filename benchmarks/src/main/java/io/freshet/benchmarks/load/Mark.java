package io.freshet.benchmarks.load;

import java.util.List;

/**
 * A moment of a run as the load threads saw it. Made on the leader's thread, given to the one that adds up.
 *
 * @param cpuNs time that each load thread has spent on a processor
 * @param expected deliveries that were due for all that was published up to now
 */
record Mark(Stage stage, long atNs, List<Long> cpuNs, Meter.Tally tally, long expected) {
    /** Which moment. */
    enum Stage {
        /** A second has passed. */
        SECOND,
        /** All connections are open. */
        CONNECTED,
        /** The measured part begins. */
        BEGIN,
        /** The measured part ends: nothing is published any more. */
        END,
        /** Everything has arrived, or was given up. The last mark. */
        DONE
    }
}
