package io.freshet.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/**
 * A framing: how channels are opened, what a publish looks like, and how what arrives is cut. One object serves all
 * connections of a run; what belongs to one of them stands in its {@link Connection}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
interface Wire {
    /** The TCP connection is there. */
    void onConnected(Connection connection);

    /**
     * Takes the whole frames between two addresses.
     *
     * @return the address of the first byte that belongs to no whole frame
     * @throws WireException when the connection is to be ended
     */
    long onBytes(Connection connection, long from, long end, long nowNs);

    /** What stands before the payload in a publish to this channel. */
    FrameTemplate template(long channelId, int payloadLength);

    /** Puts whole frames on their way. Transfers the buffer, which nobody else may have: what it holds may be changed in place. */
    default void write(Channel socket, ByteBuf bytes) {
        socket.writeAndFlush(bytes, socket.voidPromise());
    }

    /** Adds to the counter of the connection's channel, if the framing knows such a thing. */
    void count(Connection connection, long more);

    /** Says that the connection is alive, if the framing knows such a thing. */
    void ping(Connection connection);
}
