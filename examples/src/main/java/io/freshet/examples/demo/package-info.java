/**
 * The demo: an embedded server, speakers and listeners over real sockets, and what they measure.
 *
 * <pre>
 *   freshet-demo-pacer ─► Speaker ─► socket ─► engine ─► socket ─► Listener ─► Measurements
 *   (one thread)                     (its reactors)               (client threads)   └─► a line each second
 * </pre>
 */
@NullMarked
package io.freshet.examples.demo;

import org.jspecify.annotations.NullMarked;
