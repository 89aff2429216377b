package io.freshet.engine.transport;

import io.freshet.engine.transport.UpgradeRequest.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** How far a connection's WebSocket has come, and what is said last on it. Owned by the loop's thread. */
final class WebSocketState {
    private static final int NORMAL = 1000;

    /** In IANA's registry of close codes. */
    private static final int TRY_AGAIN_LATER = 1013;

    private static final int FIRST_CODE = 1000;
    private static final int FIRST_RESERVED = 1004;
    private static final int LAST_RESERVED = 1006;
    private static final int LAST_DEFINED = 1014;
    private static final int FIRST_FREE = 3000;
    private static final int LAST_FREE = 4999;

    /** Whether the upgrade was answered, so that frames may go out. */
    boolean isOpen;

    /** Whether it ends as soon as it is open and what waits is said. */
    boolean isTurnedAway;

    /** Why an upgrade that does not come about is refused. */
    Refusal refusal = Refusal.TIMEOUT;

    /** What a close frame of this side says: 1000 unless the peer has broken a rule, closed first, or is to come again later. */
    int closeCode = NORMAL;

    /** The server does not take it now. */
    void turnAway() {
        isTurnedAway = true;
        closeCode = TRY_AGAIN_LATER;
    }

    /** Closes with the code of the peer, if it is one that may be sent (RFC 6455, 7.4). */
    void answerClose(int code) {
        boolean isDefined =
                code >= FIRST_CODE && code <= LAST_DEFINED && (code < FIRST_RESERVED || code > LAST_RESERVED);
        boolean isFree = code >= FIRST_FREE && code <= LAST_FREE;
        if (code == WebSocketDecoder.NO_STATUS) {
            closeCode = NORMAL;
        } else {
            closeCode = isDefined || isFree ? code : WebSocketDecoder.PROTOCOL_ERROR;
        }
    }

    /** The last bytes: a close frame, or an HTTP answer when it never was a WebSocket. Transfers them. */
    ByteBuf farewell(ByteBufAllocator allocator) {
        return isOpen ? WebSocketHeader.close(allocator, closeCode) : Unpooled.wrappedBuffer(refusal.response());
    }
}
