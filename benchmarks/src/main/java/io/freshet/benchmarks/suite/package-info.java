/**
 * Measures what the engine must reach: every row runs the engine and the servers that it is compared with in turn, round
 * after round, each in a process of its own, and judges the ratios. Everything happens on the thread that calls.
 */
@NullMarked
package io.freshet.benchmarks.suite;

import org.jspecify.annotations.NullMarked;
