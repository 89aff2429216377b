/** What the indexer tells the notifier, under jcstress. */
@NullMarked
package io.freshet.engine.notice;

import org.jspecify.annotations.NullMarked;
