package io.freshet.benchmarks.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One load run, as it is kept. The measured part of a run is the time after warm-up; {@link #totals} count the measured
 * part, except loss, repeats, disorder and damage, which cover the whole run. Every floating-point number is finite.
 *
 * @param format the version of this shape, {@link #FORMAT}
 * @param startedAt when the run began, ISO 8601 in UTC
 * @param settings the scenario's keys and values as they were used, in their order
 * @param latencies by what was timed: {@link #DELIVERY}, {@link #PUBLISH}, {@link #CONNECT}; only those that happened
 * @param server what the server used, {@code null} when its process was not known
 * @param timeline one sample a second, warm-up included, in order of time
 * @param findings plain sentences: was the target rate reached, was anything lost
 * @param passed whether nothing was lost, repeated, misordered or damaged and no connection failed
 */
public record LoadResult(
        int format,
        String startedAt,
        Environment environment,
        Target target,
        Map<String, String> settings,
        Totals totals,
        Map<String, LatencySummary> latencies,
        @Nullable ServerUse server,
        LoadUse load,
        List<Sample> timeline,
        List<String> findings,
        boolean passed) {
    /** The only {@link #format} that this version writes and reads. */
    public static final int FORMAT = 1;

    /** From the intended send time to the arrival at a subscriber. */
    public static final String DELIVERY = "delivery";

    /** From the intended send time to the receipt. */
    public static final String PUBLISH = "publish";

    /** From the first connect to the last channel open. */
    public static final String CONNECT = "connect";

    public LoadResult {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        latencies = Collections.unmodifiableMap(new LinkedHashMap<>(latencies));
        timeline = List.copyOf(timeline);
        findings = List.copyOf(findings);
    }

    /**
     * What is kept of one run among many: no timeline, and a server's command without the directories of the machine, of
     * which only the names at their end are left.
     */
    public LoadResult condensed() {
        return new LoadResult(
                format,
                startedAt,
                environment,
                target.withoutDirectories(),
                settings,
                totals,
                latencies,
                server,
                load,
                List.of(),
                findings,
                passed);
    }
}
