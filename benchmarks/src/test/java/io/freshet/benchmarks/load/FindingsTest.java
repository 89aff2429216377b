package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.benchmarks.report.LoadUse;
import io.freshet.benchmarks.report.ServerUse;
import io.freshet.benchmarks.report.Totals;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FindingsTest {
    @Test
    void shouldSayWhenADeliveryCostsTheLoadGeneratorMoreThanTheServer() {
        assertEquals(
                List.of("The load generator took more CPU per delivery than the server: 31 ns beside 30 ns."),
                findings(31, 30));
        assertEquals(List.of(), findings(30, 30));
    }

    @Test
    void shouldNotCompareCostsWhereNothingWasDelivered() {
        assertEquals(List.of(), findings(500, 0));
    }

    private static List<String> findings(double load, double server) {
        Totals totals = new Totals(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        Findings findings = new Findings(
                Scenario.named("hot", Map.of()), totals, new Meter().take().counts(), false, Map.of());
        findings.tellCost(new LoadUse(1, load, 1, false), new ServerUse(1, server, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0));
        assertTrue(findings.isPassed());
        return findings.sentences();
    }
}
