/**
 * Requests of clients to services: the application's, which run on its executor, and the engine's own, which run on one agent,
 * {@link io.freshet.engine.service.ServicesAgent}. A request enters from its session's reactor and is queued, or refused; the answer leaves to that
 * reactor, from any thread. {@link io.freshet.engine.service.ServiceHost} is what an own service stands on.
 */
@NullMarked
package io.freshet.engine.service;

import org.jspecify.annotations.NullMarked;
