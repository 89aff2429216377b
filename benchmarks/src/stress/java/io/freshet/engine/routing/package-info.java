/** What reactors tell each other about their sockets, under jcstress. */
@NullMarked
package io.freshet.engine.routing;

import org.jspecify.annotations.NullMarked;
