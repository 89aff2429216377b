package io.freshet.engine;

import java.time.Duration;
import java.util.Objects;

/**
 * How voice rooms are kept. Which channels have one, and for how many, is said by their attributes.
 *
 * @param iceServers what members are told for their calls
 * @param grace how long the place of a member whose connection was lost is kept for it, up to 5 minutes; zero: not at all
 * @param tick between two updates of one room at least, up to 5 seconds: what changes meanwhile is told together
 * @param invitation how long an invitation lets somebody in, from a second to a day; who has come in by it stays
 * @param signals that one member may send
 * @param changes of its state, silences and invitations that one member may make, together
 */
public record RoomConfig(
        IceServers iceServers, Duration grace, Duration tick, Duration invitation, Rate signals, Rate changes) {
    /** What is used unless told otherwise. */
    public static final RoomConfig DEFAULTS = new RoomConfig(
            IceServers.NONE,
            Duration.ofSeconds(5),
            Duration.ofMillis(100),
            Duration.ofMinutes(5),
            new Rate(50, 150),
            new Rate(20, 50));

    public RoomConfig {
        Objects.requireNonNull(iceServers, "iceServers");
        Objects.requireNonNull(signals, "signals");
        Objects.requireNonNull(changes, "changes");
        Checks.inRange("grace", grace, Duration.ZERO, Duration.ofMinutes(5));
        Checks.inRange("tick", tick, Duration.ZERO, Duration.ofSeconds(5));
        Checks.inRange("invitation", invitation, Duration.ofSeconds(1), Duration.ofDays(1));
    }

    /** The same with other servers for calls. */
    public RoomConfig iceServers(IceServers servers) {
        return new RoomConfig(servers, grace, tick, invitation, signals, changes);
    }

    /** The same with another time for which lost members keep their place. */
    public RoomConfig grace(Duration time) {
        return new RoomConfig(iceServers, time, tick, invitation, signals, changes);
    }

    /** The same with another least time between updates. */
    public RoomConfig tick(Duration time) {
        return new RoomConfig(iceServers, grace, time, invitation, signals, changes);
    }

    /** The same with other rates of one member. */
    public RoomConfig rates(Rate signalsOfOne, Rate changesOfOne) {
        return new RoomConfig(iceServers, grace, tick, invitation, signalsOfOne, changesOfOne);
    }
}
