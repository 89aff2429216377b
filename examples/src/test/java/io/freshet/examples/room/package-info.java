/** Browsers in a call: a page that joins a room over WebSocket, and the test that drives it. */
@NullMarked
package io.freshet.examples.room;

import org.jspecify.annotations.NullMarked;
