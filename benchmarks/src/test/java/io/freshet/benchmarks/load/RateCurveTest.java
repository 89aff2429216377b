package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RateCurveTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    @Test
    void shouldKeepAConstantRateWithoutAPeak() {
        RateCurve curve = new RateCurve(1000, 1, SECOND_NS, SECOND_NS, 10 * SECOND_NS);
        Schedule schedule = new Schedule(curve, 77, 77 + SECOND_NS);
        for (int i = 0; i < 5000; i++) {
            assertTrue(Math.abs(schedule.nextNs() - (77 + i * 1_000_000L)) <= 1);
            schedule.advance();
        }
        assertEquals(1000, curve.mean());
    }

    @Test
    void shouldRiseHoldAndFall() {
        RateCurve curve = new RateCurve(50, 100, SECOND_NS, 4 * SECOND_NS, 10 * SECOND_NS);

        assertEquals(50, curve.at(-1));
        assertEquals(50 * 50.5, curve.at(SECOND_NS / 2));
        assertEquals(5000, curve.at(SECOND_NS));
        assertEquals(5000, curve.at(6 * SECOND_NS));
        assertEquals(50 * 50.5, curve.at(8 * SECOND_NS));
        assertEquals(50, curve.at(10 * SECOND_NS));
    }

    @Test
    void shouldScheduleAsManyMessagesAsTheMeanSays() {
        RateCurve curve = new RateCurve(50, 100, SECOND_NS, 4 * SECOND_NS, 10 * SECOND_NS);
        Schedule schedule = new Schedule(curve, 0, 0);
        long count = 0;
        for (; schedule.nextNs() < 10 * SECOND_NS; count++) {
            schedule.advance();
        }
        assertTrue(Math.abs(count - 10 * curve.mean()) < 0.01 * count, count + " for " + curve.mean());
    }
}
