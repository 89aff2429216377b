/**
 * How one thread gives a reactor work, and the time that a reactor works by.
 *
 * <p>Messages enter {@link io.freshet.engine.mailbox.ReactorProxy} from any thread and run on the reactor that drains the
 * {@link io.freshet.engine.mailbox.Mailbox} behind it.
 */
@NullMarked
package io.freshet.engine.mailbox;

import org.jspecify.annotations.NullMarked;
