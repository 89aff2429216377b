package io.freshet.engine.room;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.RoomSignal;
import io.freshet.protocol.v1.RoomSignalKind;

/** Hands on what one member says to another, under the number of the one that says it. Stateless. */
final class SignalRelay {
    private static final int MAX_LENGTH = 16 * 1024;
    private static final long RETRY_AFTER_MS = 100;

    private SignalRelay() {}

    /** @throws FreshetException when it is no signal, or its receiver is not there */
    static void relay(Member from, RoomSignal signal) {
        RoomSignalKind kind = signal.getKind();
        if (kind == RoomSignalKind.ROOM_SIGNAL_KIND_UNSPECIFIED || kind == RoomSignalKind.UNRECOGNIZED) {
            throw Rooms.refused(ErrorCode.INVALID_ARGUMENT, "no such kind of signal");
        }
        int length = signal.getPayload().size();
        if (length > MAX_LENGTH) {
            throw Rooms.refused(
                    ErrorCode.PAYLOAD_TOO_LONG, "the signal has " + length + " bytes, the limit is " + MAX_LENGTH);
        }
        if (length == 0) {
            throw Rooms.refused(ErrorCode.INVALID_ARGUMENT, "the signal is empty");
        }
        Member to = from.room.other(from, signal.getPeer());
        if (!to.isPresent()) {
            throw Rooms.refused(ErrorCode.NO_SUCH_PEER, "that member is away");
        }
        RoomSignal handedOn = RoomSignal.newBuilder()
                .setChannel(from.room.channel)
                .setPeer(from.peer)
                .setKind(kind)
                .setPayload(signal.getPayload())
                .build();
        if (to.isBehind || !to.session().push(handedOn)) {
            throw FreshetException.refused(
                    ErrorCode.OVERLOADED, "that member does not read at the moment", RETRY_AFTER_MS);
        }
    }
}
