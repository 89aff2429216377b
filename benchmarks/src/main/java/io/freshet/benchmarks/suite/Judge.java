package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.suite.RowResult.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes ratios and verdicts of the rounds of a row. A value is made within a round, of runs that lie next to each other
 * in time, and the median of the rounds is judged.
 */
final class Judge {
    private static final String FLOOR = "floor";

    private final Row row;
    private final Map<String, List<LoadResult>> runs;
    private final boolean isJudged;

    /**
     * @param runs of each contender by name, in order of the rounds, all of the same number
     * @param isJudged false for a short run, and for one in which something failed: its numbers are told, no more
     */
    Judge(Row row, Map<String, List<LoadResult>> runs, boolean isJudged) {
        this.row = row;
        this.runs = runs;
        this.isJudged = isJudged;
    }

    List<Verdict> verdicts() {
        return row.bars().stream().map(this::verdict).toList();
    }

    private Verdict verdict(Bar bar) {
        List<Double> engine = numbers(row.subject().name(), bar.metric());
        List<Double> other = numbers(bar.baseline(), bar.baselineMetric());
        List<Double> values = new ArrayList<>();
        for (int round = 0; round < engine.size(); round++) {
            // A number that was not measured makes no ratio.
            if (bar.hasValue(engine.get(round), other.get(round))) {
                values.add(bar.value(engine.get(round), other.get(round)));
            }
        }
        Spread spread = Spread.of(values);
        double allowance = bar.isParity() ? allowance(bar) : 0;
        boolean isComplete = isJudged && !values.isEmpty() && values.size() == engine.size();
        return new Verdict(
                bar,
                values,
                spread,
                spreadOfKnown(engine),
                spreadOfKnown(other),
                allowance,
                isComplete ? judged(bar, spread, bar.limit(), allowance) : null,
                isComplete ? judged(bar, spread, bar.aim(), 0) : null);
    }

    private static Spread spreadOfKnown(List<Double> numbers) {
        return Spread.of(numbers.stream().filter(number -> !number.isNaN()).toList());
    }

    private static @Nullable Boolean judged(Bar bar, Spread spread, @Nullable Double wanted, double allowance) {
        return wanted == null ? null : bar.isReached(spread.median(), wanted, allowance);
    }

    /** The spread of the floor where it takes part, and otherwise that of the baseline itself. */
    private double allowance(Bar bar) {
        String measure = runs.containsKey(FLOOR) ? FLOOR : bar.baseline();
        return Spread.of(numbers(measure, bar.baselineMetric())).relative();
    }

    private List<Double> numbers(String contender, Metric metric) {
        return runs.getOrDefault(contender, List.of()).stream().map(metric::of).toList();
    }
}
