/**
 * {@code freshet top}: text of a server's metrics enters {@link io.freshet.examples.top.Scrape}, lines for a terminal leave
 * {@link io.freshet.examples.top.TopView}. All on the command's thread.
 */
@NullMarked
package io.freshet.examples.top;

import org.jspecify.annotations.NullMarked;
