/**
 * The durable, ordered log of one shard, its index and the data directory around them.
 *
 * <p>A batch of runs enters {@link io.freshet.log.MessageLog#append} on the shard's reactor and becomes one document: an
 * envelope and the runs' frames, byte for byte. {@link io.freshet.log.LogReader}s give documents back on their own
 * threads. Envelopes are understood here; frames are not.
 */
@NullMarked
package io.freshet.log;

import org.jspecify.annotations.NullMarked;
