/**
 * The log on Chronicle Queue, one queue a shard, and the data directory around it. Batches enter {@code ChronicleLog} on
 * the shard's reactor, one copy into a mapped file; {@code ChronicleReader}s leave it on their own threads; the syncer and
 * the preparer work on the same files from theirs. Chronicle's format and traps are known here only.
 */
@NullMarked
package io.freshet.log.chronicle;

import org.jspecify.annotations.NullMarked;
