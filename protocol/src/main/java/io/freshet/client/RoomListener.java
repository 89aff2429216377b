package io.freshet.client;

import io.freshet.protocol.v1.RoomEndReason;
import io.freshet.protocol.v1.RoomSignalKind;

/** Is told of a room that its client has joined. On the client's thread. */
public interface RoomListener {
    /** Somebody has come, gone, or says something else of itself. */
    void onChange(RoomView view);

    /**
     * Another member has sent a signal.
     *
     * @param payload the listener's own
     */
    void onSignal(long peer, RoomSignalKind kind, byte[] payload);

    /** This client is out without having left; without a reason when the place was lost together with a connection. */
    void onEnd(RoomEndReason reason);
}
