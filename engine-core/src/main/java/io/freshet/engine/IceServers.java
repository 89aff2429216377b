package io.freshet.engine;

import java.time.Duration;
import java.util.List;

/**
 * The STUN and TURN servers that members of rooms are told. A TURN server is used by whoever shows a name and a password that are good for
 * a while, made of a secret that the TURN server shares: the scheme of "A REST API For Access To TURN Services" (draft-uberti-behave-turn-rest),
 * which coturn calls {@code use-auth-secret}.
 *
 * @param stun addresses such as {@code stun:stun.example.org:3478}, for everybody without a password
 * @param turn addresses such as {@code turn:turn.example.org:3478?transport=udp}
 * @param secret shared with the TURN servers; empty only without any
 * @param lifetime how long a name and password are good; a call that is set up before goes on
 */
public record IceServers(List<String> stun, List<String> turn, String secret, Duration lifetime) {
    private static final int GREATEST_COUNT = 8;
    private static final int GREATEST_LENGTH = 255;
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(7);

    /** None: only members that reach each other by their own addresses find together. */
    public static final IceServers NONE = new IceServers(List.of(), List.of(), "", Duration.ofHours(6));

    public IceServers {
        stun = List.copyOf(stun);
        turn = List.copyOf(turn);
        Checks.inRange("stun.size()", stun.size(), 0, GREATEST_COUNT);
        Checks.inRange("turn.size()", turn.size(), 0, GREATEST_COUNT);
        Checks.inRange("lifetime", lifetime, SHORTEST, LONGEST);
        stun.forEach(address -> checkAddress(address, "stun:", "stuns:"));
        turn.forEach(address -> checkAddress(address, "turn:", "turns:"));
        if (turn.isEmpty() != secret.isEmpty()) {
            throw new IllegalArgumentException("TURN servers need a secret, and a secret needs TURN servers");
        }
    }

    private static void checkAddress(String address, String plain, String secure) {
        if (!address.startsWith(plain) && !address.startsWith(secure)) {
            throw new IllegalArgumentException(address + " must begin with " + plain + " or " + secure);
        }
        Checks.inRange("length of " + address, address.length(), plain.length() + 1, GREATEST_LENGTH);
    }

    /** STUN servers alone. */
    public static IceServers stun(String... addresses) {
        return new IceServers(List.of(addresses), List.of(), "", NONE.lifetime());
    }

    /** These TURN servers too. */
    public IceServers turn(String sharedSecret, Duration credentialLifetime, String... addresses) {
        return new IceServers(stun, List.of(addresses), sharedSecret, credentialLifetime);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "IceServers[stun=" + stun + ", turn=" + turn + ", lifetime=" + lifetime + "]";
    }
}
