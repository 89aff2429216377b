package io.freshet.engine;

import java.time.Duration;

/**
 * How long the engine waits for what.
 *
 * @param handshake for a connection's CONNECT
 * @param policy for the authenticator's and the access policy's answer
 * @param heartbeat a peer silent for twice this long is given up
 * @param nonceMemory an idle client instance's publishes are remembered this long
 * @param idleChannel an unused channel's state stays in memory this long
 * @param batchWindow under load, a message of a channel with subscribers waits at most this long for others that share its
 *     writes; zero turns that off
 * @param drain at shutdown, for what was accepted to be acknowledged and sent
 * @param idleSession a client's connection without a subscription that does nothing but answer heartbeats is closed after this; zero:
 *     never. Clients of this library come back by themselves once they have something to do
 */
public record Timeouts(
        Duration handshake,
        Duration policy,
        Duration heartbeat,
        Duration nonceMemory,
        Duration idleChannel,
        Duration batchWindow,
        Duration drain,
        Duration idleSession) {
    private static final Duration LEAST = Duration.ofMillis(10);
    private static final Duration GREATEST = Duration.ofDays(1);
    private static final Duration GREATEST_BATCH_WINDOW = Duration.ofSeconds(1);

    /** What is used unless told otherwise. */
    public static final Timeouts DEFAULTS = new Timeouts(
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofMinutes(5),
            Duration.ofMinutes(1),
            Duration.ofMillis(25),
            Duration.ofSeconds(5),
            Duration.ZERO);

    public Timeouts {
        Checks.inRange("handshake", handshake, LEAST, GREATEST);
        Checks.inRange("policy", policy, LEAST, GREATEST);
        Checks.inRange("heartbeat", heartbeat, LEAST, GREATEST);
        Checks.inRange("nonceMemory", nonceMemory, LEAST, GREATEST);
        Checks.inRange("idleChannel", idleChannel, LEAST, GREATEST);
        Checks.inRange("batchWindow", batchWindow, Duration.ZERO, GREATEST_BATCH_WINDOW);
        Checks.inRange("drain", drain, LEAST, GREATEST);
        Checks.inRange("idleSession", idleSession, Duration.ZERO, GREATEST);
    }

    /** These, but for how long a CONNECT is waited for. */
    public Timeouts handshake(Duration other) {
        return new Timeouts(other, policy, heartbeat, nonceMemory, idleChannel, batchWindow, drain, idleSession);
    }

    /** These, but for how long an answer of the authenticator or the policy is waited for. */
    public Timeouts policy(Duration other) {
        return new Timeouts(handshake, other, heartbeat, nonceMemory, idleChannel, batchWindow, drain, idleSession);
    }

    /** These, but for the heartbeat. */
    public Timeouts heartbeat(Duration other) {
        return new Timeouts(handshake, policy, other, nonceMemory, idleChannel, batchWindow, drain, idleSession);
    }

    /** These, but for the batch window. */
    public Timeouts batchWindow(Duration other) {
        return new Timeouts(handshake, policy, heartbeat, nonceMemory, idleChannel, other, drain, idleSession);
    }

    /** These, but for the drain at shutdown. */
    public Timeouts drain(Duration other) {
        return new Timeouts(handshake, policy, heartbeat, nonceMemory, idleChannel, batchWindow, other, idleSession);
    }

    /** These, but for the end of sessions that do nothing. */
    public Timeouts idleSession(Duration other) {
        return new Timeouts(handshake, policy, heartbeat, nonceMemory, idleChannel, batchWindow, drain, other);
    }
}
