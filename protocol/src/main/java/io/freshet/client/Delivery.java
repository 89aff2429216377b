package io.freshet.client;

import io.freshet.protocol.v1.DeliveryMode;
import io.freshet.protocol.v1.Open;

/**
 * What a subscription gets when it is slow, or wants less than everything. Whatever it does not get is told exactly: {@link
 * RecordHandler#onGap} with {@link GapReason#SKIPPED}.
 */
public final class Delivery {
    private static final int MAX_RATE = 1000;
    private static final Delivery EVERY = new Delivery(DeliveryMode.DELIVERY_MODE_EVERY, 0);
    private static final Delivery LATEST = new Delivery(DeliveryMode.DELIVERY_MODE_LATEST, 0);

    private final DeliveryMode mode;
    private final int recordsPerS;

    private Delivery(DeliveryMode mode, int recordsPerS) {
        this.mode = mode;
        this.recordsPerS = recordsPerS;
    }

    /** Every record, however long that takes. */
    public static Delivery every() {
        return EVERY;
    }

    /** Every record while the reader keeps up; when it has not, it goes on with the newest. */
    public static Delivery latest() {
        return LATEST;
    }

    /**
     * The newest record at most so many times a second, and always the last one.
     *
     * @param recordsPerS 1 to 1000
     */
    public static Delivery sampled(int recordsPerS) {
        if (recordsPerS < 1 || recordsPerS > MAX_RATE) {
            throw new IllegalArgumentException("recordsPerS is " + recordsPerS + ", it must be from 1 to " + MAX_RATE);
        }
        return new Delivery(DeliveryMode.DELIVERY_MODE_SAMPLED, recordsPerS);
    }

    void writeTo(Open.Builder open) {
        open.setMode(mode).setRate(recordsPerS);
    }

    @Override
    public String toString() {
        return switch (mode) {
            case DELIVERY_MODE_LATEST -> "latest";
            case DELIVERY_MODE_SAMPLED -> "sampled(" + recordsPerS + ")";
            default -> "every";
        };
    }
}
