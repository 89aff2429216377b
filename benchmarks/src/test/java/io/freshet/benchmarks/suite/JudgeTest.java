package io.freshet.benchmarks.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.suite.RowResult.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class JudgeTest {
    private static final Map<String, List<LoadResult>> RUNS = Map.of(
            "freshet", cpu("freshet", 20, 40, 30),
            "naive", cpu("naive", 100, 100, 200),
            "floor", cpu("floor", 20, 25, 30));

    @Test
    void shouldJudgeTheMedianOfRatiosThatAreMadeWithinARound() {
        Verdict verdict = judge(Bar.atMost(Metric.CPU_PER_DELIVERY, "naive", 0.25, 0.15), true);
        assertEquals(List.of(0.2, 0.4, 0.15), verdict.values());
        assertEquals(new Spread(0.2, 0.15, 0.4), verdict.spread());
        assertEquals(true, verdict.isMet());
        assertEquals(false, verdict.isAimMet());
        assertEquals(0, verdict.allowance());
    }

    @Test
    void shouldSeeABarThatIsMissed() {
        assertEquals(
                false,
                judge(Bar.atMost(Metric.CPU_PER_DELIVERY, "naive", 0.19), true).isMet());
        assertEquals(
                false,
                judge(Bar.atLeast(Metric.CPU_PER_DELIVERY, "naive", 0.21), true).isMet());
        assertEquals(
                true,
                judge(Bar.atLeast(Metric.CPU_PER_DELIVERY, "naive", 0.2), true).isMet());
    }

    @Test
    void shouldAllowForTheFloorsSpreadWhereParityIsAsked() {
        Verdict verdict = judge(Bar.parity(Metric.CPU_PER_DELIVERY, "floor"), true);
        assertEquals(0.2, verdict.allowance(), 1e-9); // from 20 to 30 around 25
        assertEquals(1, verdict.spread().median());
        assertEquals(true, verdict.isMet());
        Bar bar = Bar.parity(Metric.CPU_PER_DELIVERY, "floor");
        assertTrue(bar.isReached(1.2, 1, 0.2));
        assertFalse(bar.isReached(1.21, 1, 0.2));
    }

    @Test
    void shouldSubtractWhereABarIsAnExcess() {
        Verdict verdict = judge(Bar.excess(Metric.CPU_PER_DELIVERY, "floor", 10.0), true);
        assertEquals(List.of(0.0, 15.0, 0.0), verdict.values());
        assertEquals(true, verdict.isMet());
        assertNull(verdict.isAimMet());
    }

    @Test
    void shouldJudgeNothingWhenToldSo() {
        Verdict verdict = judge(Bar.atMost(Metric.CPU_PER_DELIVERY, "naive", 0.25, 0.15), false);
        assertNull(verdict.isMet());
        assertNull(verdict.isAimMet());
    }

    @Test
    void shouldJudgeNothingThatWasNotMeasured() {
        Verdict verdict = judge(Bar.atMost(Metric.CPU_PER_CLIENT, "naive", 0.25), true);
        assertEquals(List.of(), verdict.values());
        assertNull(verdict.isMet());
    }

    @Test
    void shouldReportWithoutJudgingWhereThereIsNoBar() {
        Verdict verdict = judge(Bar.reported(Metric.CPU_PER_DELIVERY, "floor"), true);
        assertEquals(new Spread(1, 1, 1.6), verdict.spread());
        assertNull(verdict.isMet());
    }

    @Test
    void shouldJudgeAnAmountAloneAndTakeNoneAsOne() {
        Bar bar = Bar.amount(Metric.ALLOCATED_PER_DELIVERY, "naive", 0.0);
        Verdict none = judge(bar, true, allocating(0, 0, 0));
        assertEquals(List.of(0.0, 0.0, 0.0), none.values());
        assertEquals(true, none.isMet());
        Verdict few = judge(bar, true, allocating(0, 1, 1));
        assertEquals(false, few.isMet());
        assertEquals("≤ 0 B", bar.limitText(bar.limit()));
        assertEquals("< 0.001 B", bar.text(few.spread().median()));
        assertEquals(0, few.other().median());
    }

    @Test
    void shouldNotJudgeAnAmountThatIsNotKnown() {
        Verdict verdict = judge(Bar.amount(Metric.ALLOCATED_PER_DELIVERY, "naive", 0.0), true, allocating(0, -1, 0));
        assertEquals(List.of(0.0, 0.0), verdict.values());
        assertNull(verdict.isMet());
        assertTrue(Double.isFinite(verdict.engine().max()));
    }

    private static Map<String, List<LoadResult>> allocating(long... bytes) {
        return Map.of(
                "freshet",
                Arrays.stream(bytes)
                        .mapToObj(each -> Measured.allocating("freshet", each))
                        .toList(),
                "naive",
                Arrays.stream(bytes)
                        .mapToObj(each -> Measured.allocating("naive", -1))
                        .toList());
    }

    private static Verdict judge(Bar bar, boolean isJudged) {
        return judge(bar, isJudged, RUNS);
    }

    private static Verdict judge(Bar bar, boolean isJudged, Map<String, List<LoadResult>> runs) {
        Row row = new Row(
                "row",
                "work",
                "hot",
                Map.of(),
                Map.of(),
                List.of(Contender.freshet(), Contender.naive(), Contender.floor()),
                List.of(bar),
                Preparation.WARM);
        return new Judge(row, runs, isJudged).verdicts().get(0);
    }

    private static List<LoadResult> cpu(String name, double... values) {
        return Arrays.stream(values)
                .mapToObj(value -> Measured.of(name, Map.of(), value, 1))
                .toList();
    }
}
