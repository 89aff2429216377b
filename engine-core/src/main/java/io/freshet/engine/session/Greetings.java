package io.freshet.engine.session;

import io.freshet.engine.Principal;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.Frames;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.Versions;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.GoAwayReason;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;

/** What a server tells of itself and its limits before and after a client is known. */
final class Greetings {
    private static final String SERVER = "freshet";

    private Greetings() {}

    static Hello hello(SessionLimits limits, long nowUs) {
        return Hello.newBuilder()
                .setVersionMin(Versions.MIN)
                .setVersionMax(Versions.MAX)
                .setMaxFrameLength(limits.handshakeFrameLength())
                .setHandshakeTimeoutMs(millis(limits.handshakeTimeoutNs()))
                .setServerTimeUs(nowUs)
                .setServer(SERVER)
                .build();
    }

    /** Throws when a CONNECT has what it must not have; the token itself is looked at elsewhere. */
    static void check(Connect connect) {
        if (connect.getVersion() < Versions.MIN || connect.getVersion() > Versions.MAX) {
            throw new ProtocolException(
                    ErrorCode.UNSUPPORTED_VERSION,
                    "version " + Integer.toUnsignedString(connect.getVersion()) + "; this server speaks " + Versions.MIN
                            + " to " + Versions.MAX);
        }
        if (connect.getInstance() == 0) {
            throw new ProtocolException(ErrorCode.INVALID_ARGUMENT, "a client instance of 0");
        }
        if (connect.getToken().size() > SessionLimits.TOKEN_LENGTH) {
            throw new ProtocolException(
                    ErrorCode.INVALID_ARGUMENT,
                    "a token of " + connect.getToken().size() + " bytes; the limit is " + SessionLimits.TOKEN_LENGTH);
        }
    }

    static Welcome welcome(SessionLimits limits, long session, Principal principal, long expiresInMs) {
        return Welcome.newBuilder()
                .setVersion(Versions.MAX)
                .setSession(session)
                .setPrincipal(principal.id())
                .setPrincipalName(principal.name())
                .setMaxFrameLength(limits.frameLength())
                .setMaxPayloadLength(limits.payloadLength())
                .setMaxInFlight(limits.inFlightCount())
                .setMaxOpenChannels(limits.channelCount())
                .setHeartbeatMs(millis(limits.heartbeatNs()))
                .setNonceMemoryMs(millis(limits.nonceMemoryNs()))
                .setTokenExpiresInMs(expiresInMs)
                .setMaxRequests(limits.requestCount())
                .build();
    }

    /** @param drainNs for how long the session is still served, or answered */
    static GoAway goAway(long drainNs, int retryAfterMs) {
        return GoAway.newBuilder()
                .setReason(GoAwayReason.GO_AWAY_REASON_SHUTDOWN)
                .setDrainMs(millis(drainNs))
                .setRetryAfterMs(retryAfterMs)
                .build();
    }

    /** The answer to a PING. */
    static Pong pong(ByteBuf in, int frameIndex, int frameLength) {
        Ping ping = Frames.parse(Ping.parser(), in, frameIndex, frameLength);
        return Pong.newBuilder().setToken(ping.getToken()).build();
    }

    private static int millis(long ns) {
        return (int) TimeUnit.NANOSECONDS.toMillis(ns);
    }
}
