package io.freshet.engine.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DurationHistogramTest {
    private long nowNs = 1;
    private final DurationHistogram histogram = new DurationHistogram(() -> nowNs);

    @Test
    void shouldBeEmptyBeforeTheFirst() {
        Durations none = histogram.read();
        assertEquals(0, none.count());
        assertEquals(0, none.totalNs());
        assertEquals(0, none.longestNs());
        assertEquals(0, none.countUpTo(Long.MAX_VALUE / 2));
    }

    @Test
    void shouldKeepEverythingOverManyReads() {
        for (int i = 1; i <= 100; i++) {
            histogram.record(i * 10_000L);
            histogram.read();
        }
        Durations all = histogram.read();
        assertEquals(100, all.count());
        assertEquals(50_500_000, all.totalNs());
        assertClose(500_000, all.percentileNs(50), 5_000);
        assertClose(50, all.countUpTo(500_000), 1);
        assertEquals(100, all.countUpTo(1_100_000));
        assertClose(1_000_000, all.longestNs(), 10_000);
    }

    @Test
    void shouldForgetTheLongestAfterAWhile() {
        histogram.record(5_000_000);
        assertClose(5_000_000, histogram.read().longestNs(), 50_000);
        nowNs += TimeUnit.SECONDS.toNanos(61);
        assertClose(5_000_000, histogram.read().longestNs(), 50_000);
        histogram.record(1_000_000);
        nowNs += TimeUnit.SECONDS.toNanos(61);
        assertClose(1_000_000, histogram.read().longestNs(), 10_000);
        nowNs += TimeUnit.HOURS.toNanos(1);
        assertEquals(0, histogram.read().longestNs());
        assertEquals(2, histogram.read().count());
    }

    @Test
    void shouldTakeWhatIsLongerThanItCanTell() {
        histogram.record(TimeUnit.HOURS.toNanos(1));
        Durations one = histogram.read();
        assertEquals(1, one.count());
        assertEquals(TimeUnit.HOURS.toNanos(1), one.totalNs());
        assertTrue(one.longestNs() >= TimeUnit.SECONDS.toNanos(59));
    }

    private static void assertClose(long expected, long value, long most) {
        assertTrue(Math.abs(value - expected) <= most, () -> value + " is not near " + expected);
    }
}
