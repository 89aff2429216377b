package io.freshet.examples.metrics;

import io.freshet.engine.metrics.DurationMetric;
import io.freshet.engine.metrics.EngineMetrics;
import io.freshet.engine.metrics.Metric;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An engine's numbers as meters of Micrometer, for any registry. Distributions are not among them, since Micrometer records
 * them itself or not at all: of these it has the longest of the last minutes, and {@link DurationCollector} has the rest.
 *
 * <p>A registry does not keep the numbers from being collected as garbage: their engine must be held by somebody.
 */
public final class EngineMeters implements MeterBinder {
    static final String PREFIX = "freshet.";

    private static final double NS_PER_S = TimeUnit.SECONDS.toNanos(1);

    private final EngineMetrics metrics;

    public EngineMeters(EngineMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Metric metric : metrics.numbers()) {
            bind(metric, registry);
        }
        for (DurationMetric metric : metrics.durations()) {
            Gauge.builder(PREFIX + metric.name() + ".longest", metric, EngineMeters::longestSeconds)
                    .description("The longest of the last one or two minutes: " + metric.description())
                    .baseUnit("seconds")
                    .tags(tags(metric.labels()))
                    .register(registry);
        }
    }

    private static double longestSeconds(DurationMetric metric) {
        return metric.value().longestNs() / NS_PER_S;
    }

    private static void bind(Metric metric, MeterRegistry registry) {
        switch (metric.kind()) {
            case COUNTER ->
                FunctionCounter.builder(PREFIX + metric.name(), metric, Metric::value)
                        .description(metric.description())
                        .baseUnit(baseUnit(metric.unit()))
                        .tags(tags(metric.labels()))
                        .register(registry);
            case GAUGE ->
                Gauge.builder(PREFIX + metric.name(), metric, Metric::value)
                        .description(metric.description())
                        .baseUnit(baseUnit(metric.unit()))
                        .tags(tags(metric.labels()))
                        .register(registry);
        }
    }

    private static @Nullable String baseUnit(Metric.Unit unit) {
        return switch (unit) {
            case COUNT -> null;
            case BYTES -> "bytes";
            case SECONDS -> "seconds";
        };
    }

    private static List<Tag> tags(Map<String, String> labels) {
        return labels.entrySet().stream()
                .map(label -> Tag.of(label.getKey(), label.getValue()))
                .toList();
    }
}
