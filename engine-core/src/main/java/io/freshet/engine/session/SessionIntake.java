package io.freshet.engine.session;

import io.freshet.protocol.Connection;

/**
 * Whether a session is read from: not while a gateway has no room for what it publishes, nor while it does not read its answers, nor once it is
 * to go. Owned by the session's reactor.
 */
final class SessionIntake {
    /** Outbound bytes beyond which answers pile up because the peer does not read them: then it is not read either. */
    private static final long MAX_OUTBOUND_LENGTH = 256 * 1024;

    private final Session session;
    private final Connection connection;
    private final Sessions sessions;
    private final SessionChannels channels;
    private final SessionDeadlines deadlines;
    private boolean isReading = true;
    private boolean isAwaitingGateway;
    private boolean isOver;

    SessionIntake(
            Session session,
            Connection connection,
            Sessions sessions,
            SessionChannels channels,
            SessionDeadlines deadlines) {
        this.session = session;
        this.connection = connection;
        this.sessions = sessions;
        this.channels = channels;
        this.deadlines = deadlines;
    }

    /** A peer that does not read its answers is not read either. */
    void onFlushed() {
        if (isReading && connection.outboundLength() > MAX_OUTBOUND_LENGTH) {
            reading(false);
        }
    }

    private void reading(boolean isEnabled) {
        isReading = isEnabled;
        connection.readable(isEnabled);
    }

    /** A gateway had no room for this session's publish: nothing is read until it has. */
    void stop() {
        if (isReading && session.isReady()) {
            reading(false);
            awaitGateway();
        }
    }

    private void awaitGateway() {
        isAwaitingGateway = true;
        sessions.stopReading(session);
    }

    /** Whether it is not read from since a gateway has no room. */
    boolean isAwaitingGateway() {
        return isAwaitingGateway;
    }

    /** The gateways may have room again. That nothing was heard meanwhile was not the peer's doing. */
    void awaited() {
        isAwaitingGateway = false;
        deadlines.onResumed();
        resume();
    }

    /** Reads again if the gateways have room and the peer reads its answers. */
    void resume() {
        if (isReading || isOver || isAwaitingGateway || !session.isReady()) {
            return;
        }
        if (channels.hasFullGateway()) {
            awaitGateway();
        } else if (connection.outboundLength() <= MAX_OUTBOUND_LENGTH) {
            deadlines.onResumed();
            reading(true);
        }
    }

    /** Nothing more is read. */
    void end() {
        isOver = true;
        reading(false);
    }
}
