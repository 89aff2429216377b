package io.freshet.log;

import org.jspecify.annotations.Nullable;

/**
 * Which channel has which id. An id is given once, is durable before it is told, and rises from 1. Any thread; may block.
 */
public interface ChannelDirectory {
    /** No channel has this id. */
    long NO_CHANNEL = 0;

    /** The id of the channel with this name, or {@link #NO_CHANNEL}. */
    long find(String name);

    /** The id of the channel with this name, which is made when there is none. */
    long findOrCreate(String name);

    /** The name of the channel with this id, or null when there is none. */
    @Nullable
    String name(long channel);

    /** How many channels there are. */
    long count();
}
