package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.report.Environment;
import io.freshet.benchmarks.report.LoadResult;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of one row, as it is kept.
 *
 * @param settings the scenario's keys and values as they were used
 * @param window messages under way at most, as the scenario says it; the rate, when messages are sent at one; empty when none are sent
 * @param isQuick whether it was a short run, in which nothing is judged
 * @param environment of the load generator, {@code null} when nothing has run
 * @param serverFlags JVM flags of every server
 * @param failure why the row has no full result, or what was counted wrong; {@code null} when all is well
 */
record RowResult(
        String name,
        String work,
        String scenario,
        Map<String, String> settings,
        String window,
        int rounds,
        boolean isQuick,
        @Nullable Environment environment,
        List<String> serverFlags,
        List<Runs> contenders,
        List<Verdict> verdicts,
        @Nullable String failure) {
    /**
     * One server's runs, in order of the rounds, without timelines.
     *
     * @param deliveriesPerWrite median of the rounds; 0 when the system does not tell
     */
    record Runs(String name, List<String> arguments, double deliveriesPerWrite, List<LoadResult> results) {}

    /**
     * What came of one bar.
     *
     * @param values of each round
     * @param engine the engine's number over the rounds
     * @param other the baseline's number over the rounds
     * @param allowance the part by which the bar was widened: for parity, the floor's own spread; otherwise 0
     * @param isMet whether the median reaches the bar; {@code null} when it is not judged
     * @param isAimMet whether it reaches what was aimed at; {@code null} when it is not judged
     */
    record Verdict(
            Bar bar,
            List<Double> values,
            Spread spread,
            Spread engine,
            Spread other,
            double allowance,
            @Nullable Boolean isMet,
            @Nullable Boolean isAimMet) {}
}
