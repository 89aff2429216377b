/**
 * Documents that were read lately, kept for the next cursor that passes the same place: a reader's thread goes through a log
 * with a {@link io.freshet.log.cache.CachedReader}, and those of all shards share the memory of one
 * {@link io.freshet.log.cache.DocumentCache}.
 */
@NullMarked
package io.freshet.log.cache;

import org.jspecify.annotations.NullMarked;
