package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.report.Environment;
import io.freshet.benchmarks.suite.RowResult.Runs;
import io.freshet.benchmarks.suite.RowResult.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The results of all rows as one table: for programs, and as Markdown. */
final class SummaryTable {
    private static final String HEAD =
            "| row | work | measured | freshet | beside | ratio, median (min–max) | bar | aim | met |"
                    + " deliveries a write | window |\n|---|---|---|---|---|---|---|---|---|---|---|\n";

    private final List<RowResult> results;
    private final List<Line> lines = new ArrayList<>();

    SummaryTable(List<RowResult> results) {
        this.results = List.copyOf(results);
        for (RowResult result : results) {
            result.verdicts().forEach(verdict -> lines.add(line(result, verdict)));
        }
    }

    /** One bar of one row, all of it as people read it, and the numbers that were judged. */
    record Line(
            String row,
            String work,
            String measured,
            String engine,
            String baseline,
            String ratio,
            double median,
            double min,
            double max,
            String bar,
            String aim,
            @Nullable Boolean isMet,
            @Nullable Boolean isAimMet,
            String deliveriesPerWrite,
            String window,
            @Nullable String failure) {}

    List<Line> lines() {
        return List.copyOf(lines);
    }

    private static Line line(RowResult result, Verdict verdict) {
        Bar bar = verdict.bar();
        Spread spread = verdict.spread();
        boolean isEmpty = verdict.values().isEmpty();
        String ratio = isEmpty
                ? "–"
                : bar.text(spread.median()) + " (" + bar.text(spread.min()) + "–" + bar.text(spread.max()) + ")";
        String limit = bar.limitText(bar.limit());
        if (verdict.allowance() > 0) {
            limit += String.format(Locale.ROOT, " + %.0f %% spread", verdict.allowance() * 100);
        }
        return new Line(
                result.name(),
                result.work(),
                bar.metric().label(),
                isEmpty ? "–" : bar.metric().text(verdict.engine().median()),
                isEmpty
                        ? "–"
                        : bar.baseline() + " "
                                + bar.baselineMetric().text(verdict.other().median()),
                ratio,
                spread.median(),
                spread.min(),
                spread.max(),
                limit,
                bar.limitText(bar.aim()),
                verdict.isMet(),
                verdict.isAimMet(),
                perWrite(result, bar.baseline()),
                result.window().isEmpty() ? "–" : result.window(),
                result.failure());
    }

    /** The engine's and the baseline's, each of which may not be known. */
    private static String perWrite(RowResult result, String baseline) {
        double engine = result.contenders().get(0).deliveriesPerWrite();
        double other = result.contenders().stream()
                .filter(runs -> runs.name().equals(baseline))
                .mapToDouble(Runs::deliveriesPerWrite)
                .findFirst()
                .orElse(0);
        return engine > 0 || other > 0 ? perWrite(engine) + " : " + perWrite(other) : "–";
    }

    private static String perWrite(double deliveries) {
        return deliveries > 0 ? String.format(Locale.ROOT, "%.1f", deliveries) : "–";
    }

    String markdown() {
        StringBuilder text = new StringBuilder("# What was reached\n\n");
        appendEnvironment(text);
        text.append(HEAD);
        for (Line line : lines) {
            String met = met(line.isMet());
            if (Boolean.TRUE.equals(line.isAimMet())) {
                met = "yes, and the aim";
            }
            text.append("| ")
                    .append(String.join(
                            " | ",
                            line.row(),
                            line.work(),
                            line.measured(),
                            line.engine(),
                            line.baseline(),
                            line.ratio(),
                            line.bar(),
                            line.aim(),
                            met,
                            line.deliveriesPerWrite(),
                            line.window()))
                    .append(" |\n");
        }
        appendCostlyLoad(text);
        results.stream()
                .filter(result -> result.failure() != null)
                .forEach(result -> text.append("\n**")
                        .append(result.name())
                        .append(" failed:** ")
                        .append(result.failure())
                        .append('\n'));
        return text.toString();
    }

    private static String met(@Nullable Boolean isMet) {
        return isMet == null ? "–" : isMet ? "yes" : "**no**";
    }

    /** Where the load generator took more of the machine for a delivery than what it measured, in half of the rounds or more. */
    private void appendCostlyLoad(StringBuilder text) {
        List<String> costly = new ArrayList<>();
        for (RowResult result : results) {
            for (Runs runs : result.contenders()) {
                long rounds = runs.results().stream()
                        .filter(each -> each.server() != null && each.load().exceeds(each.server()))
                        .count();
                if (rounds > 0 && rounds * 2 >= runs.results().size()) {
                    costly.add(result.name() + " (" + runs.name() + ")");
                }
            }
        }
        if (!costly.isEmpty()) {
            text.append("\nThe load generator took more CPU per delivery than the server in: ")
                    .append(String.join(", ", costly))
                    .append(".\n");
        }
    }

    private void appendEnvironment(StringBuilder text) {
        Environment environment = results.stream()
                .map(RowResult::environment)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (environment != null) {
            RowResult first = results.get(0);
            text.append(String.format(
                    Locale.ROOT,
                    "%s, %d processors, %s, %s; commit %s; servers with `%s`. Each server ran in a process of its own, in turn,"
                            + " in %d rounds; a ratio is made within a round, the median of the rounds is judged. Deliveries a write:"
                            + " Freshet's own count of socket writes, and the system's count of write calls for the baselines, where it tells it.%n%n",
                    environment.machine(),
                    environment.processors(),
                    environment.kernel(),
                    environment.jdk(),
                    environment.commit(),
                    String.join(" ", first.serverFlags()),
                    first.rounds()));
            if (first.isQuick()) {
                text.append(
                        "A short run that shows that everything runs and counts right; its times mean nothing.\n\n");
            }
        }
    }
}
