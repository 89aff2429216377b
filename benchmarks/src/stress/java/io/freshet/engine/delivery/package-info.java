/** What reactors ask of the reader, under jcstress. */
@NullMarked
package io.freshet.engine.delivery;

import org.jspecify.annotations.NullMarked;
