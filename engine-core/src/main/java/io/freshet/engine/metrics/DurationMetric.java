package io.freshet.engine.metrics;

import java.util.Map;
import java.util.function.Supplier;

/**
 * How long something takes in an engine, each time. Any thread.
 *
 * @param name words with dots between them
 * @param labels tell distributions of one name apart
 * @param source reads the distribution
 */
public record DurationMetric(String name, String description, Map<String, String> labels, Supplier<Durations> source) {
    /** The distribution since the start, now. */
    public Durations value() {
        return source.get();
    }
}
