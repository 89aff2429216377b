package io.freshet.engine;

import java.time.Duration;
import java.util.Objects;

/**
 * How many clients may be connected, and how fast they may come. Who is refused is told at once when to come again.
 *
 * @param count connections in all
 * @param perAddress connections of one network address (of one /64 network for IPv6)
 * @param connects connections that are taken; who comes beyond that is told a slot of its own, in the order of coming and so far apart that
 *     this rate is met
 * @param shortPerAddress connections of one address that end sooner than {@code shortLife}, or later without having shown who they are; an
 *     address that goes on like that is held off
 * @param shortLife what is a short connection
 * @param longestSlot the farthest slot that is given; when more clients come than fit before it, slots are given a second time
 */
public record ConnectionLimits(
        int count, int perAddress, Rate connects, Rate shortPerAddress, Duration shortLife, Duration longestSlot) {
    private static final int GREATEST_COUNT = 1 << 24;
    private static final Duration GREATEST_SLOT = Duration.ofHours(1);

    /** What is used unless told otherwise. */
    public static final ConnectionLimits DEFAULTS = new ConnectionLimits(
            1 << 20,
            1 << 17,
            new Rate(5_000, 50_000),
            new Rate(200, 20_000),
            Duration.ofSeconds(1),
            Duration.ofMinutes(1));

    public ConnectionLimits {
        Objects.requireNonNull(connects, "connects");
        Objects.requireNonNull(shortPerAddress, "shortPerAddress");
        Checks.inRange("connections", count, 1, GREATEST_COUNT);
        Checks.inRange("connectionsPerAddress", perAddress, 1, GREATEST_COUNT);
        Checks.inRange("shortLife", shortLife, Duration.ZERO, GREATEST_SLOT);
        Checks.inRange("longestSlot", longestSlot, Duration.ofSeconds(1), GREATEST_SLOT);
    }
}
