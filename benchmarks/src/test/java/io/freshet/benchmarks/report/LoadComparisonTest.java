package io.freshet.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.benchmarks.report.LoadComparison.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LoadComparisonTest {
    @Test
    void shouldWarnOfNothingWhenAResultIsComparedWithItself() {
        LoadComparison comparison = LoadComparison.of(ExampleResults.full(), ExampleResults.full());
        assertEquals(List.of(), comparison.warnings());
        assertTrue(
                comparison.rows().stream().allMatch(row -> row.ratio().equals("1.00×")), comparison.lines()::toString);
    }

    @Test
    void shouldGiveTheRatioOfTheSecondToTheFirst() {
        LoadComparison comparison = LoadComparison.of(ExampleResults.full(), ExampleResults.twiceAsFast());
        assertTrue(
                comparison.rows().contains(new Row("delivered", "100 k/s", "200 k/s", "2.00×")),
                comparison.lines()::toString);
        assertTrue(
                comparison.rows().contains(new Row("delivery p99", "300 µs", "150 µs", "0.50×")),
                comparison.lines()::toString);
    }

    @Test
    void shouldShowADashForWhatOneSideDoesNotKnow() {
        LoadComparison comparison = LoadComparison.of(ExampleResults.full(), ExampleResults.withoutServer());
        assertTrue(
                comparison.rows().contains(new Row("server CPU per delivery", "30 ns", "–", "–")),
                comparison.lines()::toString);
    }

    @Test
    void shouldWarnOfWhatMakesTheTwoUnlike() {
        List<String> warnings = LoadComparison.of(ExampleResults.full(), ExampleResults.elsewhere())
                .warnings();
        assertEquals(
                List.of(
                        "machine differs: A 'a processor, 2 processors, Linux 6', "
                                + "B 'another processor, 8 processors, Linux 6'",
                        "load generator's JDK differs: A '17.0.1', B '25.0.3'",
                        "target differs: A 'freshet', B 'naive'",
                        "wire differs: A 'freshet', B 'raw'",
                        "setting subscribers differs: A '100', B '10'",
                        "setting window differs: A has none, B '256'",
                        "B failed: 3 deliveries were lost.",
                        "the load generator was the limit of B"),
                warnings);
    }

    @Test
    void shouldAlignItsTable() {
        List<String> lines =
                LoadComparison.of(ExampleResults.full(), ExampleResults.full()).lines();
        lines.forEach(line -> assertEquals(lines.get(0).length(), line.length(), line));
    }
}
