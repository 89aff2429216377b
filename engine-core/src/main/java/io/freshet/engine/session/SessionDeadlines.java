package io.freshet.engine.session;

import io.freshet.protocol.FrameType;

/**
 * Until when a session has time for what it is in: to show who it is, to be answered, to be heard of, to do something. Owned by the
 * reactor's thread.
 */
final class SessionDeadlines {
    private final SessionEnvironment environment;
    private long deadlineNs;
    private long heardNs;
    private long activeNs;

    SessionDeadlines(SessionEnvironment environment) {
        this.environment = environment;
    }

    /** The connection stands, CONNECT is to come. */
    void begin() {
        heardNs = environment.clock().nowNs();
        deadlineNs = heardNs + environment.limits().handshakeTimeoutNs();
    }

    /** The authenticator is asked. */
    void onConnect() {
        deadlineNs = environment.clock().nowNs() + environment.limits().gateTimeoutNs();
    }

    /** A frame came; one that answers or makes a heartbeat is no more than a sign of life. */
    void onFrame(FrameType type) {
        heardNs = environment.clock().nowNs();
        if (type != FrameType.PING && type != FrameType.PONG) {
            activeNs = heardNs;
        }
    }

    /** It is read from again: that nothing was heard before was not its own doing. */
    void onResumed() {
        heardNs = environment.clock().nowNs();
    }

    /** Whether CONNECT, or the authenticator's answer, is late. */
    boolean isLate(long nowNs) {
        return nowNs - deadlineNs >= 0;
    }

    /** Whether nothing was heard for two heartbeats. */
    boolean isSilent(long nowNs) {
        return nowNs - heardNs >= 2 * environment.limits().heartbeatNs();
    }

    /** Whether nothing but heartbeats was heard for longer than is allowed, if that is limited. */
    boolean isIdle(long nowNs) {
        long idleNs = environment.limits().idleNs();
        return idleNs > 0 && nowNs - activeNs >= idleNs;
    }
}
