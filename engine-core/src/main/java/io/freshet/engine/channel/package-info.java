/**
 * What a channel is: its attributes are events of its own, the last of which counts. The channel's shard decides each before it
 * is admitted and holds the latest; the indexer's thread keeps it with the index, from which the shard loads it again.
 */
@NullMarked
package io.freshet.engine.channel;

import org.jspecify.annotations.NullMarked;
