/** Fuzz targets of the engine that need no part of a simulation, and the test that runs all of this module's. */
@NullMarked
package io.freshet.engine.fuzz;

import org.jspecify.annotations.NullMarked;
