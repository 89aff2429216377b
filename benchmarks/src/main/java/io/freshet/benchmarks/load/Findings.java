package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Meter.Counts;
import io.freshet.benchmarks.report.Figures;
import io.freshet.benchmarks.report.LoadUse;
import io.freshet.benchmarks.report.ServerUse;
import io.freshet.benchmarks.report.Totals;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is to be said of a run, in plain sentences, the worst first. */
final class Findings {
    private final List<String> sentences = new ArrayList<>();
    private boolean isPassed = true;

    /**
     * @param counts of the whole run
     * @param failures why connections failed, and how many each
     */
    Findings(Scenario scenario, Totals totals, Counts counts, boolean wasLimit, Map<String, Integer> failures) {
        failures.forEach((reason, count) ->
                fail((count == 1 ? "A connection" : count + " connections") + " failed: " + reason + "."));
        tellDeliveries(totals);
        if (scenario.hasReceipts() && counts.acknowledged() < counts.published()) {
            fail(counts.published() - counts.acknowledged() + " publishes were never acknowledged.");
        }
        tell(totals.gaps(), "records were left out by the server, which said so.");
        tell(counts.refused(), "publishes were refused by the server by name.");
        tell(counts.stray(), "messages arrived that are not of this run.");
        if (totals.targetPerS() > 0) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "The target rate of %.0f messages a second was %s: %.1f were published.",
                    totals.targetPerS(),
                    totals.isTargetReached() ? "reached" : "NOT reached",
                    totals.publishedPerS()));
        }
        if (wasLimit) {
            sentences.add("The load generator was the limit: its thread was busy all the time, the server was not.");
        }
    }

    private void tellDeliveries(Totals totals) {
        if (totals.isWhole()) {
            if (totals.expectedDeliveries() > 0) {
                sentences.add("Nothing was lost, repeated, misordered or damaged.");
            }
            return;
        }
        fail(totals.lost() + " deliveries were lost, " + totals.repeated() + " repeated, " + totals.misordered()
                + " misordered, " + totals.damaged() + " damaged.");
    }

    void fail(List<String> faults) {
        faults.forEach(this::fail);
    }

    private void fail(String sentence) {
        isPassed = false;
        sentences.add(sentence);
    }

    private void tell(long count, String rest) {
        if (count > 0) {
            sentences.add(count + " " + rest);
        }
    }

    /** Says so when a delivery costs the load generator more than the server: on shared processors it then takes time from it. */
    void tellCost(LoadUse load, @Nullable ServerUse server) {
        if (server != null && load.exceeds(server)) {
            sentences.add("The load generator took more CPU per delivery than the server: "
                    + Figures.costNs(load.cpuNsPerDelivery()) + " beside " + Figures.costNs(server.cpuNsPerDelivery())
                    + ".");
        }
    }

    void add(List<String> more) {
        sentences.addAll(more);
    }

    List<String> sentences() {
        return sentences;
    }

    /** Whether no connection failed and everything arrived that had to, once, in order and whole. */
    boolean isPassed() {
        return isPassed;
    }
}
