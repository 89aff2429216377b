/**
 * Inboxes and what comes into them: a channel of its own for each user, with read marks, settings, and notices of what others said.
 *
 * <p>The indexer's thread folds inboxes into the index and notes which documents have posts. The notifier, an agent on a thread of
 * its own, reads those behind it, finds whom a post concerns, and has shards append notices; then sinks may tell the world.
 */
@NullMarked
package io.freshet.engine.notice;

import org.jspecify.annotations.NullMarked;
