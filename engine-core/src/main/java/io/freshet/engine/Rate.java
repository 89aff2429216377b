package io.freshet.engine;

/**
 * How often something may happen: so often a second on average, and so often at once after a pause.
 *
 * @param perSecond times (or bytes) a second; 0: without a limit
 * @param burst times (or bytes) at once; without a meaning when there is no limit
 */
public record Rate(long perSecond, long burst) {
    private static final long GREATEST = 1_000_000_000L;
    private static final long GREATEST_BURST = 1L << 33;

    /** No limit. */
    public static final Rate UNLIMITED = new Rate(0, 0);

    public Rate {
        Checks.inRange("perSecond", perSecond, 0, GREATEST);
        Checks.inRange("burst", burst, perSecond == 0 ? 0 : 1, GREATEST_BURST);
    }

    /** So often a second, and as many at once as a second gives. */
    public static Rate perSecond(long count) {
        return new Rate(count, count);
    }

    public boolean isUnlimited() {
        return perSecond == 0;
    }
}
