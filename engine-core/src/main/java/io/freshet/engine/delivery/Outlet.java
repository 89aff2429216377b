package io.freshet.engine.delivery;

import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;

/** What a subscription sees of its session: a way out that has room or has none. Reactor's thread. */
public interface Outlet {
    /** Whether the connection's outbound bytes are below its mark. */
    boolean hasRoom();

    /** Whether the network has taken everything that was offered. */
    boolean isDrained();

    /** Sends whole frames after everything sent before. <em>Transfers</em> one reference. */
    void offer(ByteBuf frames);

    /** Sends whole frames that others share, after everything sent before. <em>Borrows</em> them. */
    void offerShared(ByteBuf frames);

    /** Sends an explicit hole. */
    void offerGap(long channel, long firstSequence, long count, GapReason reason);

    /** One of its subscriptions has become behind and wants its turn when there is room. */
    void becameReady(Subscription subscription);

    /** The cold read of this subscription has ended, or was not begun; unless it is closed it wants its turn. */
    void readDone(Subscription subscription);

    /** The log of this subscription's channel cannot be read: it ends. */
    void failed(Subscription subscription);
}
