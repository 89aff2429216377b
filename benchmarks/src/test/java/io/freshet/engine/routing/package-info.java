/** Benchmarks of what the routing keeps to itself. */
@NullMarked
package io.freshet.engine.routing;

import org.jspecify.annotations.NullMarked;
