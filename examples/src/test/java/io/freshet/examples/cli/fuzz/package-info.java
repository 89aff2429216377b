/** Runs Jazzer on the fuzz targets of all modules: a program of the profile {@code fuzz}. */
@NullMarked
package io.freshet.examples.cli.fuzz;

import org.jspecify.annotations.NullMarked;
