package io.freshet.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class FiguresTest {
    @Test
    void shouldChooseAUnitThatFits() {
        assertEquals("0 /s", Figures.rate(0));
        assertEquals("999 /s", Figures.rate(999));
        assertEquals("34.1 M/s", Figures.rate(34_120_000));
        assertEquals("250 ns", Figures.durationUs(0.25));
        assertEquals("1.25 ms", Figures.durationUs(1_250));
        assertEquals("2.50 s", Figures.durationUs(2_500_000));
        assertEquals("30.4 ns", Figures.costNs(30.4));
        assertEquals("1.50 KiB", Figures.bytes(1_536));
        assertEquals("-2 MiB", Figures.bytes(-2 << 20));
        assertEquals("1,234,567", Figures.count(1_234_567));
    }

    @Test
    void shouldNotDivideByNothing() {
        assertEquals("1.25×", Figures.ratio(5, 4));
        assertEquals("–", Figures.ratio(5, 0));
    }
}
