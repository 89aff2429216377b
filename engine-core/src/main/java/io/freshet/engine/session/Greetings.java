package io.freshet.engine.session;

import io.freshet.engine.Principal;
import io.freshet.protocol.Versions;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Welcome;
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

    static Welcome welcome(SessionLimits limits, long session, Principal principal) {
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
                .build();
    }

    private static int millis(long ns) {
        return (int) TimeUnit.NANOSECONDS.toMillis(ns);
    }
}
