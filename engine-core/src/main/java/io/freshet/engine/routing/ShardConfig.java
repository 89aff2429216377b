package io.freshet.engine.routing;

import io.freshet.engine.Rate;
import io.freshet.log.Durability;

/**
 * What a shard goes by.
 *
 * @param durability when records of its channels count as committed
 * @param windowCount publishes without an answer that a session may have in a channel, and that deduplication covers per instance
 * @param nonceMemoryUs how long an idle instance's nonces are remembered
 * @param idleChannelNs how long an unused channel's state is kept in memory
 * @param channelRate publishes to one channel
 * @param slowModeNs between two publishes of one sender to one channel at least, unless the channel has its own; 0 for none
 */
public record ShardConfig(
        Durability durability,
        int windowCount,
        long nonceMemoryUs,
        long idleChannelNs,
        Rate channelRate,
        long slowModeNs) {}
