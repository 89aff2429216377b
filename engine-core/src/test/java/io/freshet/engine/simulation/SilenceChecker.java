package io.freshet.engine.simulation;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A peer that is gone without a word is given up: two heartbeats later, and the time that a close may take. */
final class SilenceChecker {
    /** What closing takes, and pauses of the reactor. */
    private static final long SLACK_NS = TimeUnit.MILLISECONDS.toNanos(2_500);

    private final Verdict verdict;
    private final SimClock clock;
    private final long limitNs;
    private final Map<SimConnection, Long> silentSinceNs = new LinkedHashMap<>();
    private long endedCount;

    SilenceChecker(Verdict verdict, SimClock clock, Scenario scenario) {
        this.verdict = verdict;
        this.clock = clock;
        limitNs = 2 * scenario.heartbeatNs() + scenario.heartbeatNs() / 2 + SLACK_NS;
    }

    /** Nothing arrives at this end any more, and nobody has told it. */
    void silent(SimConnection serverEnd) {
        silentSinceNs.putIfAbsent(serverEnd, clock.nanoTime());
    }

    void check() {
        Iterator<Map.Entry<SimConnection, Long>> all = silentSinceNs.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<SimConnection, Long> entry = all.next();
            if (entry.getKey().isEnded()) {
                endedCount++;
                all.remove();
            } else {
                long silentNs = clock.nanoTime() - entry.getValue();
                verdict.check(
                        silentNs <= limitNs,
                        () -> "the server still has " + entry.getKey() + ", which is gone since " + silentNs + " ns");
            }
        }
    }

    /** Silent connections that were given up. */
    long endedCount() {
        return endedCount;
    }
}
