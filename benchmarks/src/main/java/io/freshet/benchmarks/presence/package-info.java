/**
 * What presence costs: {@link io.freshet.benchmarks.presence.PresenceStorm} has everybody of a group come, and come back, and tells what that cost the server's threads.
 * Runs on its caller's thread; the clients have one of their own.
 */
@NullMarked
package io.freshet.benchmarks.presence;

import org.jspecify.annotations.NullMarked;
