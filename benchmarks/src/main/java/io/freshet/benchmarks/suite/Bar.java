package io.freshet.benchmarks.suite;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is to be reached beside one baseline.
 *
 * @param metric the engine's number
 * @param baseline the name of the contender that it is set against
 * @param baselineMetric that one's number
 * @param form how the two make one value
 * @param limit the value that is to be reached, {@code null} when it is only reported
 * @param aim the value that is aimed at, {@code null} when there is none beyond the limit
 */
record Bar(
        Metric metric,
        String baseline,
        Metric baselineMetric,
        Form form,
        @Nullable Double limit,
        @Nullable Double aim) {
    /** How the engine's number and a baseline's make one value. */
    enum Form {
        /** The engine's divided by the baseline's; the less the better. */
        RATIO_AT_MOST,
        /** The engine's divided by the baseline's; the more the better. */
        RATIO_AT_LEAST,
        /** The engine's less the baseline's, in the metric's unit; the less the better. */
        EXCESS_AT_MOST,
        /** The engine's alone, in the metric's unit; the baseline's is told beside it. */
        AMOUNT_AT_MOST
    }

    static Bar atMost(Metric metric, String baseline, double limit, double aim) {
        return new Bar(metric, baseline, metric, Form.RATIO_AT_MOST, limit, aim);
    }

    static Bar atMost(Metric metric, String baseline, double limit) {
        return new Bar(metric, baseline, metric, Form.RATIO_AT_MOST, limit, null);
    }

    /** Not worse than the baseline, but for the spread that the floor has in the same run. */
    static Bar parity(Metric metric, String baseline) {
        return atMost(metric, baseline, 1);
    }

    static Bar atLeast(Metric metric, String baseline, double limit) {
        return new Bar(metric, baseline, metric, Form.RATIO_AT_LEAST, limit, null);
    }

    /** @param limit {@code null} when it is only reported */
    static Bar excess(Metric metric, String baseline, @Nullable Double limit) {
        return new Bar(metric, baseline, metric, Form.EXCESS_AT_MOST, limit, null);
    }

    /** @param limit {@code null} when it is only reported */
    static Bar amount(Metric metric, String baseline, @Nullable Double limit) {
        return new Bar(metric, baseline, metric, Form.AMOUNT_AT_MOST, limit, null);
    }

    /** A ratio that is told, and not judged. */
    static Bar reported(Metric metric, String baseline) {
        return new Bar(metric, baseline, metric, Form.RATIO_AT_MOST, null, null);
    }

    boolean isParity() {
        return form == Form.RATIO_AT_MOST && limit != null && limit == 1;
    }

    /** Whether both numbers were measured, or the one that counts. */
    boolean hasValue(double engine, double other) {
        return form == Form.AMOUNT_AT_MOST
                ? !Double.isNaN(engine)
                : !Double.isNaN(engine + other) && engine != 0 && other != 0;
    }

    /** The value of one round. */
    double value(double engine, double other) {
        return switch (form) {
            case RATIO_AT_MOST, RATIO_AT_LEAST -> engine / other;
            case EXCESS_AT_MOST -> engine - other;
            case AMOUNT_AT_MOST -> engine;
        };
    }

    /** Whether a value reaches a limit that is widened by a part of itself. */
    boolean isReached(double value, double wanted, double allowance) {
        return form == Form.RATIO_AT_LEAST ? value >= wanted * (1 - allowance) : value <= wanted * (1 + allowance);
    }

    /** A value or limit as people read it. */
    String text(double value) {
        return switch (form) {
            case RATIO_AT_MOST, RATIO_AT_LEAST -> String.format(Locale.ROOT, "%.2f ×", value);
            case EXCESS_AT_MOST -> metric.text(value) + " more";
            case AMOUNT_AT_MOST -> metric.text(value);
        };
    }

    /** The limit or aim with its direction. */
    String limitText(@Nullable Double wanted) {
        if (wanted == null) {
            return "–";
        }
        return (form == Form.RATIO_AT_LEAST ? "≥ " : "≤ ") + text(wanted);
    }
}
