package io.freshet.benchmarks.load;

/**
 * A framing: how channels are opened, what a publish looks like, and how what arrives is cut. One object serves all
 * connections of a run; what belongs to one of them stands in its {@link Connection}.
 */
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

    /** Says that the connection is alive, if the framing knows such a thing. */
    void ping(Connection connection);
}
