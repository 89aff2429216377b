/**
 * Brings committed batches to cursors: a {@link io.freshet.engine.delivery.Feed} fans a batch out to the subscriptions
 * at its head and keeps it in the recent window; a subscription that falls behind is fed from the window, and past that by a
 * {@link io.freshet.engine.delivery.ColdReader} on a thread of its own. Everything else here is one reactor's.
 */
@NullMarked
package io.freshet.engine.delivery;

import org.jspecify.annotations.NullMarked;
