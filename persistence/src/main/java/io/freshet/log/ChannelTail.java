package io.freshet.log;

/** The two ends of a channel; filled by {@link IndexReader#tail} and reused by its caller. */
public final class ChannelTail {
    /** Oldest sequence still kept. */
    public long firstSequence;

    public long lastSequence;

    /** Position of the document with the channel's last run. */
    public long lastPosition;

    /** No record of the channel has a later time stamp; microseconds since the epoch. */
    public long lastTimeUs;
}
