package io.freshet.client;

import io.freshet.protocol.v1.DeliveryMode;
import io.freshet.protocol.v1.Open;

/**
 * What a subscription gets when it is slow, or wants less than everything. Whatever it does not get is told exactly: {@link
 * RecordHandler#onGap} with {@link GapReason#SKIPPED}.
 */
public final class Delivery {
    private static final int MAX_RATE = 1000;
    private static final int NO_PACE = 0;
    private static final Delivery EVERY = new Delivery(DeliveryMode.DELIVERY_MODE_EVERY, 0, NO_PACE);
    private static final Delivery LATEST = new Delivery(DeliveryMode.DELIVERY_MODE_LATEST, 0, NO_PACE);

    private final DeliveryMode mode;
    private final int recordsPerS;
    private final int fastPerS;

    private Delivery(DeliveryMode mode, int recordsPerS, int fastPerS) {
        this.mode = mode;
        this.recordsPerS = recordsPerS;
        this.fastPerS = fastPerS;
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
        return new Delivery(DeliveryMode.DELIVERY_MODE_SAMPLED, checkedRate(recordsPerS), NO_PACE);
    }

    /**
     * Every record while the channel goes slowly, a sample while it goes fast. The client follows the server's hints, which come about once a
     * second, and changes over without a repeat: it opens the channel anew each time.
     *
     * @param fastPerS at so many records a second, about, a sample is taken instead; below half of that every record again. 1 or more
     * @param recordsPerS of the sample, 1 to 1000
     */
    public static Delivery byPace(int fastPerS, int recordsPerS) {
        if (fastPerS < 1) {
            throw new IllegalArgumentException("fastPerS is " + fastPerS + ", it must be at least 1");
        }
        return new Delivery(DeliveryMode.DELIVERY_MODE_EVERY, checkedRate(recordsPerS), fastPerS);
    }

    private static int checkedRate(int recordsPerS) {
        if (recordsPerS < 1 || recordsPerS > MAX_RATE) {
            throw new IllegalArgumentException("recordsPerS is " + recordsPerS + ", it must be from 1 to " + MAX_RATE);
        }
        return recordsPerS;
    }

    /** Whether the client is to choose between every record and a sample. */
    boolean isByPace() {
        return fastPerS != NO_PACE;
    }

    /** What is chosen when the channel goes about so fast, and this was chosen before; itself when that is not to be chosen. */
    Delivery at(int pacePerS, Delivery before) {
        if (!isByPace()) {
            return this;
        }
        boolean isSampled = before.mode == DeliveryMode.DELIVERY_MODE_SAMPLED;
        boolean isFast = pacePerS >= fastPerS || (isSampled && pacePerS >= (fastPerS + 1) / 2);
        return isFast == isSampled ? before : isFast ? sampled(recordsPerS) : every();
    }

    void writeTo(Open.Builder open) {
        open.setMode(mode).setRate(isByPace() ? 0 : recordsPerS);
    }

    @Override
    public String toString() {
        if (isByPace()) {
            return "byPace(" + fastPerS + ", " + recordsPerS + ")";
        }
        return switch (mode) {
            case DELIVERY_MODE_LATEST -> "latest";
            case DELIVERY_MODE_SAMPLED -> "sampled(" + recordsPerS + ")";
            default -> "every";
        };
    }
}
