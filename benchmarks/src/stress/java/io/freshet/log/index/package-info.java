/** What the indexer gives to the shard and to readers, under jcstress. */
@NullMarked
package io.freshet.log.index;

import org.jspecify.annotations.NullMarked;
