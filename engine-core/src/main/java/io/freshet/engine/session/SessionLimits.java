package io.freshet.engine.session;

import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.RateLimits;

/**
 * What a session goes by. Lengths are bytes, frames counted with their header.
 *
 * @param handshakeFrameLength longest frame before authentication
 * @param frameLength longest frame afterwards
 * @param payloadLength longest payload
 * @param inFlightCount acknowledged publishes without an answer per channel, and that are deduplicated
 * @param channelCount channels that one session may have open
 * @param requestCount fetches that one session may have unanswered, and as many calls of services; its opens count as channels
 * @param handshakeTimeoutNs until CONNECT must have come
 * @param gateTimeoutNs until authenticator and policy must have answered
 * @param heartbeatNs a peer that was silent for twice this long is given up
 * @param idleNs a client's session that has no subscription and does nothing but answer heartbeats is ended after this; 0: never
 * @param nonceMemoryNs how long an idle instance's nonces are remembered
 */
public record SessionLimits(
        int handshakeFrameLength,
        int frameLength,
        int payloadLength,
        int inFlightCount,
        int channelCount,
        int requestCount,
        long handshakeTimeoutNs,
        long gateTimeoutNs,
        long heartbeatNs,
        long idleNs,
        long nonceMemoryNs,
        ConnectionLimits connections,
        RateLimits rates) {
    /** Longest token of a CONNECT. */
    public static final int TOKEN_LENGTH = 2048;

    /** Records of one FETCH at most. */
    public static final int FETCH_COUNT = 1000;

    /** The shortest time after which a silent peer or an application that does not answer is given up. */
    long shortestTimeoutNs() {
        long shortestNs = Math.min(heartbeatNs, Math.min(gateTimeoutNs, handshakeTimeoutNs));
        return idleNs > 0 ? Math.min(shortestNs, idleNs) : shortestNs;
    }
}
