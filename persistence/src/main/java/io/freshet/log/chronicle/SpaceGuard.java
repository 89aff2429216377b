package io.freshet.log.chronicle;

import java.io.IOException;

/** Whether the device has room for more, as the preparer saw it last, or an appender that was refused; appenders ask, each time. */
final class SpaceGuard {
    /** Usable bytes of the device that the logs are on. */
    @FunctionalInterface
    interface Device {
        long usableLength() throws IOException;
    }

    private final Device device;
    private volatile boolean isLow;

    SpaceGuard(Device device) {
        this.device = device;
    }

    /** Asks the device itself, with a system call. */
    long usableLength() throws IOException {
        return device.usableLength();
    }

    boolean isLow() {
        return isLow;
    }

    void low(boolean low) {
        if (isLow != low) {
            isLow = low;
        }
    }
}
