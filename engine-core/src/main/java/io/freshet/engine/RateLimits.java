package io.freshet.engine;

import java.time.Duration;
import java.util.Objects;

/**
 * How fast clients may publish and read history. A publish that comes too fast is refused, not processed, and told when to
 * come again; clients of this library wait and repeat by themselves. The application's own clients are not limited.
 *
 * @param session publishes of one session
 * @param user publishes of one principal, in all its sessions
 * @param address publishes of one network address (of one /64 network for IPv6), in all its sessions
 * @param channel publishes to one channel, of everybody
 * @param slowMode between two publishes of one principal to one channel at least; zero: off. A channel may be given its own
 *     by {@link FreshetEngine#slowMode}
 * @param signals frames of signals of one session
 * @param history bytes of history that one principal may fetch
 * @param requests calls of services of one session
 */
public record RateLimits(
        Rate session,
        Rate user,
        Rate address,
        Rate channel,
        Duration slowMode,
        Rate signals,
        Rate history,
        Rate requests) {
    static final Duration GREATEST_SLOW_MODE = Duration.ofDays(1);

    /** What is used unless told otherwise: publishes are not limited, history at a quarter of a GiB a second, calls of services at 100 a second. */
    public static final RateLimits DEFAULTS = new RateLimits(
            Rate.UNLIMITED,
            Rate.UNLIMITED,
            Rate.UNLIMITED,
            Rate.UNLIMITED,
            Duration.ZERO,
            new Rate(100, 200),
            new Rate(256L << 20, 1L << 30),
            new Rate(100, 200));

    public RateLimits {
        Objects.requireNonNull(session, "session");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(channel, "channel");
        Objects.requireNonNull(signals, "signals");
        Objects.requireNonNull(history, "history");
        Objects.requireNonNull(requests, "requests");
        Checks.inRange("slowMode", slowMode, Duration.ZERO, GREATEST_SLOW_MODE);
    }
}
