/** What the appender of a log shares with the agents behind it, under jcstress. */
@NullMarked
package io.freshet.log.chronicle;

import org.jspecify.annotations.NullMarked;
