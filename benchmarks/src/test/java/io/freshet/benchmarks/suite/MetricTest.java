package io.freshet.benchmarks.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.benchmarks.report.LoadResult;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MetricTest {
    @Test
    void shouldDivideWhatWasAllocatedByWhatWasDone() {
        LoadResult result = Measured.allocating("freshet", 20_000);
        assertEquals(0.02, Metric.ALLOCATED_PER_DELIVERY.of(result), 1e-9);
        assertEquals(2, Metric.ALLOCATED_PER_PUBLISH.of(result), 1e-9);
        assertEquals(0, Metric.ALLOCATED_PER_DELIVERY.of(Measured.allocating("freshet", 0)));
        assertEquals(3, Metric.GC_COUNT.of(result));
    }

    @Test
    void shouldTellNothingFromAllocationThatIsNotKnown() {
        LoadResult unknown = Measured.allocating("freshet", -1);
        assertEquals(Double.NaN, Metric.ALLOCATED_PER_DELIVERY.of(unknown));
        assertEquals(Double.NaN, Metric.ALLOCATED_PER_PUBLISH.of(unknown));
        assertEquals(Double.NaN, Metric.GC_COUNT.of(unknown));
    }

    @Test
    void shouldTellFewBytesFromNone() {
        assertEquals("0 B", Metric.ALLOCATED_PER_DELIVERY.text(0));
        assertEquals("0.004 B", Metric.ALLOCATED_PER_DELIVERY.text(0.004));
        assertEquals("< 0.001 B", Metric.ALLOCATED_PER_DELIVERY.text(0.000_1));
        assertEquals("1.50 B", Metric.ALLOCATED_PER_DELIVERY.text(1.5));
        assertEquals("–", Metric.ALLOCATED_PER_DELIVERY.text(Double.NaN));
    }

    @Test
    void shouldSpreadTheKernelsMemoryOverTheConnections() {
        LoadResult result = Measured.of("freshet", Map.of("connections", "4"), 0, 1);
        assertEquals(1_024, Metric.KERNEL_PER_CONNECTION.of(result));
        assertEquals(0, Metric.KERNEL_PER_CONNECTION.of(Measured.of("freshet", Map.of(), 0, 1)));
    }
}
