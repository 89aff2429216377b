package io.freshet.engine.session;

import io.freshet.engine.Principal;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;

/** What a session says beside opening channels and publishing to them: whose each frame is. Owned by the session's reactor. */
final class SessionRequests {
    private final SessionFetches fetches;
    private final SessionSignals signals;
    private final SessionCalls calls;

    SessionRequests(
            Session session, SessionEnvironment environment, SessionChannels channels, SessionAccounts accounts) {
        fetches = new SessionFetches(session, environment, channels, accounts);
        signals = new SessionSignals(session, environment, channels);
        calls = new SessionCalls(session, environment);
    }

    void onFrame(FrameType type, ByteBuf buffer, int frameIndex, int frameLength) {
        switch (type) {
            case FETCH -> fetches.onFetch(buffer, frameIndex, frameLength);
            case SIGNAL -> signals.onSignal(buffer, frameIndex, frameLength);
            case REQUEST -> calls.onRequest(buffer, frameIndex, frameLength);
            default ->
                throw new ProtocolException(
                        ErrorCode.UNEXPECTED_FRAME, type + " is not for a client to send, or not now");
        }
    }

    /** It is known who this is. */
    void begin(Principal principal) {
        calls.begin(principal);
    }

    void onTimer(long nowNs) {
        calls.onTimer(nowNs);
    }

    void onWritable() {
        calls.onWritable();
    }

    /** Whether a service has something to do with this session. */
    boolean isEngaged() {
        return calls.isEngaged();
    }

    void close() {
        calls.close();
    }
}
