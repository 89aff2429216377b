/** The way of signals between reactors, under jcstress. */
@NullMarked
package io.freshet.engine.signal;

import org.jspecify.annotations.NullMarked;
