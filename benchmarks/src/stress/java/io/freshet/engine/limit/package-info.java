/** What all reactors ask before they let somebody in, under jcstress. */
@NullMarked
package io.freshet.engine.limit;

import org.jspecify.annotations.NullMarked;
