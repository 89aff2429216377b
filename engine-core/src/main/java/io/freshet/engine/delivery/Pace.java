package io.freshet.engine.delivery;

import io.freshet.protocol.v1.DeliveryMode;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription gets when it cannot have, or does not want, every record.
 *
 * @param rate records a second at most, for {@code SAMPLED}; otherwise 0
 */
public record Pace(DeliveryMode mode, int rate) {
    /** The greatest rate of a sampled subscription. */
    public static final int MAX_RATE = 1000;

    public static final Pace EVERY = new Pace(DeliveryMode.DELIVERY_MODE_EVERY, 0);

    private static final Pace LATEST = new Pace(DeliveryMode.DELIVERY_MODE_LATEST, 0);
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    /** The pace of these numbers, or null when there is none. */
    public static @Nullable Pace of(DeliveryMode mode, int rate) {
        boolean isRated = mode == DeliveryMode.DELIVERY_MODE_SAMPLED;
        if (isRated ? rate < 1 || rate > MAX_RATE : rate != 0) {
            return null;
        }
        return switch (mode) {
            case DELIVERY_MODE_EVERY -> EVERY;
            case DELIVERY_MODE_LATEST -> LATEST;
            case DELIVERY_MODE_SAMPLED -> new Pace(mode, rate);
            case UNRECOGNIZED -> null;
        };
    }

    boolean maySkip() {
        return mode != DeliveryMode.DELIVERY_MODE_EVERY;
    }

    boolean isSampled() {
        return mode == DeliveryMode.DELIVERY_MODE_SAMPLED;
    }

    /** The least time between two records of a sampled subscription. */
    long intervalNs() {
        return (SECOND_NS + rate - 1) / rate;
    }
}
