/**
 * The sparse index and the channel directory over an ordered key-value store. Documents of one shard's log enter
 * {@link io.freshet.log.index.ShardIndex} on the indexer's thread, bounded by what is synced; positions leave through
 * readers, one for each asking thread.
 */
@NullMarked
package io.freshet.log.index;

import org.jspecify.annotations.NullMarked;
