package io.freshet.client;

import io.freshet.protocol.v1.ChannelAttributes;

/**
 * What the server told about a channel when it was opened; of a subscription, with the attributes that it has delivered since.
 *
 * @param epoch of the channel's shard; raised when records that were visible may have been lost
 * @param head sequence of the last committed record; 0 when the channel is empty
 * @param first sequence of the oldest record still kept; {@code head + 1} when there is none
 * @param attributes what the channel is; empty when nothing says so
 * @param attributesSequence of the record that says so; 0 when none does
 */
public record ChannelState(
        long id,
        String name,
        int epoch,
        long head,
        long first,
        boolean mayPublish,
        boolean maySubscribe,
        ChannelAttributes attributes,
        long attributesSequence) {

    /** Of a channel of which nothing says what it is. */
    public ChannelState(
            long id, String name, int epoch, long head, long first, boolean mayPublish, boolean maySubscribe) {
        this(id, name, epoch, head, first, mayPublish, maySubscribe, ChannelAttributes.getDefaultInstance(), 0);
    }

    ChannelState with(ChannelAttributes later, long sequence) {
        return new ChannelState(id, name, epoch, head, first, mayPublish, maySubscribe, later, sequence);
    }

    ChannelState in(int laterEpoch, long laterHead) {
        return new ChannelState(
                id, name, laterEpoch, laterHead, first, mayPublish, maySubscribe, attributes, attributesSequence);
    }
}
