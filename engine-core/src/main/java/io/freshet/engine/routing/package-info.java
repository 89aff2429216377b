/**
 * Gives each channel its one order: publishes enter a {@link io.freshet.engine.routing.Shard}, are admitted,
 * deduplicated and stamped into the open batch of their channel, and leave as committed
 * {@link io.freshet.engine.routing.Batch}es and receipts. All on the reactor that owns the shard.
 */
@NullMarked
package io.freshet.engine.routing;

import org.jspecify.annotations.NullMarked;
