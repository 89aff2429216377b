/**
 * The servers that the engine is compared with, on a framing of 7 bytes and one event loop. They are fixed: written before
 * the engine was tuned, and not touched to make a ratio better. A frame enters from a socket, leaves to every subscriber
 * or to a log, and everything happens on the thread of the one loop.
 */
@NullMarked
package io.freshet.benchmarks.baseline;

import org.jspecify.annotations.NullMarked;
