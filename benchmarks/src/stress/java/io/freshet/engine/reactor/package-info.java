/** What is asked of all reactors while they end, under jcstress. */
@NullMarked
package io.freshet.engine.reactor;

import org.jspecify.annotations.NullMarked;
