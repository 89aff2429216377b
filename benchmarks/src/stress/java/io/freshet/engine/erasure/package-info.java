/** Who waits for an erasure while the eraser ends, under jcstress. */
@NullMarked
package io.freshet.engine.erasure;

import org.jspecify.annotations.NullMarked;
