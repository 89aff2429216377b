/**
 * The log, its index and the directory in memory, for tests and simulations: the same documents and the same rules as on
 * disk, on a {@link io.freshet.log.memory.MemoryDisk} that outlives the storage and can lose what a crash would lose. One
 * thread may run all of it, agents included.
 */
@NullMarked
package io.freshet.log.memory;

import org.jspecify.annotations.NullMarked;
