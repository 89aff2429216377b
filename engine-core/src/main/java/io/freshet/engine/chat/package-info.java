/**
 * What people say to each other: events that name an earlier one, checked before they are kept, and what a post is after them.
 *
 * <p>Such an event is resolved off the reactor, at what the views had folded by then, and decided by the channel's shard, which
 * remembers what it has admitted since. What is kept is flagged as checked, so that every fold of the log comes to the same.
 */
@NullMarked
package io.freshet.engine.chat;

import org.jspecify.annotations.NullMarked;
