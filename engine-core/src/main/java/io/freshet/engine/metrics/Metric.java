package io.freshet.engine.metrics;

import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * One number that an engine tells of itself. Any thread.
 *
 * @param name words with dots between them, without the unit
 * @param labels tell numbers of one name apart
 * @param source reads the number, in the unit
 */
public record Metric(
        String name, Kind kind, Unit unit, String description, Map<String, String> labels, DoubleSupplier source) {
    /** Whether a number only rises. */
    public enum Kind {
        /** Rises from 0 at the start. */
        COUNTER,
        /** Rises and falls. */
        GAUGE
    }

    /** What a number counts. */
    public enum Unit {
        /** Things, which the name says. */
        COUNT,
        BYTES,
        SECONDS
    }

    /** The number, now. */
    public double value() {
        return source.getAsDouble();
    }
}
