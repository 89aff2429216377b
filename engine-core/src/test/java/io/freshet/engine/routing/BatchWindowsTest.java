package io.freshet.engine.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BatchWindowsTest {
    private static final long BOUND_NS = 25_000_000;

    private final BatchWindows windows = new BatchWindows(3, BOUND_NS, 0);

    @Test
    void shouldBeOpenForHalfAsLongAsTheSmallestWritesTook() {
        windows.onFlush(0, 1_000_000, 3_000_000, 1000, 0);

        assertEquals(1_000_000, windows.leftNs(1, 3_000_000));
        assertEquals(500_000, windows.leftNs(1, 3_500_000));
        assertEquals(0, windows.leftNs(1, 4_000_000));
    }

    @Test
    void shouldNotBeOpenWhenEachWriteWasWorthIt() {
        windows.onFlush(0, 0, 30_000_000, 100, 100 * BatchWindows.ENOUGH_LENGTH);

        assertEquals(0, windows.leftNs(1, 30_000_000));
    }

    @Test
    void shouldNeverBeOpenForLongerThanTheBound() {
        windows.onFlush(0, 0, 90_000_000, 100_000, 100_000);

        assertEquals(BOUND_NS, windows.leftNs(1, 90_000_000));
        assertEquals(0, new BatchWindows(1, 0, 0).leftNs(1, 0));
    }

    @Test
    void shouldNotWaitForSoShortThatItCostsMoreThanItSaves() {
        windows.onFlush(0, 0, 2 * BatchWindows.LEAST_NS - 2, 4, 0);

        assertEquals(0, windows.leftNs(1, 2 * BatchWindows.LEAST_NS - 2));
    }

    @Test
    void shouldTakeTheLatestOfTheReactorsThatHaveSubscribers() {
        windows.onFlush(0, 0, 1_000_000, 10, 0);
        windows.onFlush(2, 0, 1_500_000, 10, 0);

        assertEquals(0, windows.leftNs(0b001, 1_500_000));
        assertEquals(750_000, windows.leftNs(0b101, 1_500_000));
        assertEquals(0, windows.leftNs(0b010, 1_500_000));
    }

    @Test
    void shouldNotAddTheDelayOfAThreadThatDidNotRunOnceMore() {
        windows.onFlush(0, 0, 1_000_000, 100, 0);

        windows.onFlush(0, 2_000_000, 12_000_000, 100, 0);

        assertEquals(562_500, windows.leftNs(1, 12_000_000));
    }
}
