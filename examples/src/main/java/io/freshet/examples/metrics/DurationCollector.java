package io.freshet.examples.metrics;

import io.freshet.engine.metrics.DurationMetric;
import io.freshet.engine.metrics.Durations;
import io.freshet.engine.metrics.EngineMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An engine's distributions of durations as histograms of Prometheus. */
final class DurationCollector implements MultiCollector {
    private static final double NS_PER_S = TimeUnit.SECONDS.toNanos(1);

    /** From 10 us to 5 s in steps of 1, 2 and 5. */
    private static final double[] LIMITS_S = {
        0.00001,
        0.00002,
        0.00005,
        0.0001,
        0.0002,
        0.0005,
        0.001,
        0.002,
        0.005,
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        Double.POSITIVE_INFINITY
    };

    private final EngineMetrics metrics;

    DurationCollector(EngineMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public MetricSnapshots collect() {
        Map<String, HistogramSnapshot.Builder> families = new LinkedHashMap<>();
        for (DurationMetric metric : metrics.durations()) {
            families.computeIfAbsent(
                            metric.name(),
                            name -> HistogramSnapshot.builder()
                                    .name((EngineMeters.PREFIX + name + ".seconds").replace('.', '_'))
                                    .unit(Unit.SECONDS)
                                    .help(metric.description()))
                    .dataPoint(point(metric));
        }
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        families.values().forEach(family -> all.metricSnapshot(family.build()));
        return all.build();
    }

    private static HistogramDataPointSnapshot point(DurationMetric metric) {
        Durations durations = metric.value();
        long[] counts = new long[LIMITS_S.length];
        long before = 0;
        for (int i = 0; i < counts.length - 1; i++) {
            long upTo = durations.countUpTo((long) (LIMITS_S[i] * NS_PER_S));
            counts[i] = upTo - before;
            before = upTo;
        }
        counts[counts.length - 1] = durations.count() - before;
        Labels.Builder labels = Labels.builder();
        metric.labels().forEach(labels::label);
        return HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(LIMITS_S, counts))
                .sum(durations.totalNs() / NS_PER_S)
                .labels(labels.build())
                .build();
    }
}
