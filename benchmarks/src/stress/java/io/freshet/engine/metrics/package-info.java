/** What is counted by one thread and read by others, under jcstress. */
@NullMarked
package io.freshet.engine.metrics;

import org.jspecify.annotations.NullMarked;
