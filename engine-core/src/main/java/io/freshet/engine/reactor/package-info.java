/**
 * The duty cycle: one thread, one I/O loop, and everything that this thread owns. Frames and messages of other reactors
 * enter a {@link io.freshet.engine.reactor.Reactor}; bytes to sockets and messages to other reactors leave it.
 */
@NullMarked
package io.freshet.engine.reactor;

import org.jspecify.annotations.NullMarked;
