package io.freshet.engine.metrics;

import java.util.List;
import java.util.Map;

/**
 * Everything that an engine tells of itself. The list is fixed from the start; the numbers are read when they are asked
 * for, on the asking thread, and cost the engine's threads nothing. Any thread.
 *
 * <p>What a thread counts is there at once; what it has (bytes, subscriptions, channels) is no older than a tenth of a second.
 */
public final class EngineMetrics {
    private final List<Metric> numbers;
    private final List<DurationMetric> durations;

    public EngineMetrics(List<Metric> numbers, List<DurationMetric> durations) {
        this.numbers = List.copyOf(numbers);
        this.durations = List.copyOf(durations);
    }

    /** Every counter and gauge, in the order in which a person would read them. */
    public List<Metric> numbers() {
        return numbers;
    }

    /** Every distribution of durations. */
    public List<DurationMetric> durations() {
        return durations;
    }

    /** The sum of all numbers of this name, whatever their labels. */
    public double sum(String name) {
        return sum(name, Map.of());
    }

    /**
     * The sum of all numbers of this name that have these labels among others.
     *
     * @throws IllegalArgumentException when there is none
     */
    public double sum(String name, Map<String, String> labels) {
        double sum = 0;
        boolean isFound = false;
        for (Metric metric : numbers) {
            if (metric.name().equals(name) && metric.labels().entrySet().containsAll(labels.entrySet())) {
                sum += metric.value();
                isFound = true;
            }
        }
        if (!isFound) {
            throw new IllegalArgumentException("no metric " + name + " with " + labels);
        }
        return sum;
    }
}
