/** What the two ends of a connection within the process share, under jcstress. */
@NullMarked
package io.freshet.engine.transport;

import org.jspecify.annotations.NullMarked;
