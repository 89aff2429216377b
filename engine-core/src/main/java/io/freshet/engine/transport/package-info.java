/**
 * Connections: sockets on Netty's event loop, driven by a reactor, and pipes to clients within the process. Bytes of a
 * socket enter here and go to the session's {@code onReceived}; frames offered by sessions leave here for the socket.
 */
@NullMarked
package io.freshet.engine.transport;

import org.jspecify.annotations.NullMarked;
