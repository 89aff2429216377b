package io.freshet.log.chronicle;

/** Whether the device has room for more, as the preparer saw it last; appenders ask, each time. */
final class SpaceGuard {
    private volatile boolean isLow;

    boolean isLow() {
        return isLow;
    }

    void low(boolean low) {
        if (isLow != low) {
            isLow = low;
        }
    }
}
