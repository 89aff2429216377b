/**
 * The protocol's life on one connection: frames enter a {@link io.freshet.engine.session.Session}, publishes leave it for
 * a shard, requests for the {@link io.freshet.engine.session.Gate}, answers and records for the connection. All on the
 * connection's reactor; what the application is asked runs on its executor.
 */
@NullMarked
package io.freshet.engine.session;

import org.jspecify.annotations.NullMarked;
