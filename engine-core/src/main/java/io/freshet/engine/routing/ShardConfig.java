package io.freshet.engine.routing;

import io.freshet.log.Durability;

/**
 * What a shard goes by.
 *
 * @param durability when records of its channels count as committed
 * @param windowCount publishes in flight per instance and channel that deduplication covers
 * @param nonceMemoryUs how long an idle instance's nonces are remembered
 * @param idleChannelNs how long an unused channel's state is kept in memory
 */
public record ShardConfig(Durability durability, int windowCount, long nonceMemoryUs, long idleChannelNs) {}
