package io.freshet.engine;

import java.time.Duration;

/** The checks of configuration values; each message names the setting, its value and its range. */
final class Checks {
    private Checks() {}

    static void inRange(String name, long value, long least, long greatest) {
        if (value < least || value > greatest) {
            throw new IllegalArgumentException(
                    name + " is " + value + ", it must be from " + least + " to " + greatest);
        }
    }

    static void inRange(String name, Duration value, Duration least, Duration greatest) {
        if (value.compareTo(least) < 0 || value.compareTo(greatest) > 0) {
            throw new IllegalArgumentException(
                    name + " is " + value + ", it must be from " + least + " to " + greatest);
        }
    }
}
