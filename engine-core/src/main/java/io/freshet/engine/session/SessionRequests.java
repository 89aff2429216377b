package io.freshet.engine.session;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;

/** What a session says beside opening channels and publishing to them: whose each frame is. Owned by the session's reactor. */
final class SessionRequests {
    private final SessionFetches fetches;
    private final SessionSignals signals;

    SessionRequests(
            Session session, SessionEnvironment environment, SessionChannels channels, SessionAccounts accounts) {
        fetches = new SessionFetches(session, environment, channels, accounts);
        signals = new SessionSignals(session, environment, channels);
    }

    void onFrame(FrameType type, ByteBuf buffer, int frameIndex, int frameLength) {
        switch (type) {
            case FETCH -> fetches.onFetch(buffer, frameIndex, frameLength);
            case SIGNAL -> signals.onSignal(buffer, frameIndex, frameLength);
            default ->
                throw new ProtocolException(
                        ErrorCode.UNEXPECTED_FRAME, type + " is not for a client to send, or not now");
        }
    }
}
