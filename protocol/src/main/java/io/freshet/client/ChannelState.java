package io.freshet.client;

/**
 * What the server told about a channel when it was opened.
 *
 * @param epoch of the channel's shard; raised when records that were visible may have been lost
 * @param head sequence of the last committed record; 0 when the channel is empty
 * @param first sequence of the oldest record still kept; {@code head + 1} when there is none
 */
public record ChannelState(
        long id, String name, int epoch, long head, long first, boolean mayPublish, boolean maySubscribe) {}
