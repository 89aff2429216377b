package io.freshet.engine.transport;

import io.freshet.engine.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * What one listening socket does with the connections that it accepts.
 *
 * @param tls what encrypts them; null when nothing does
 * @param handshakeTimeoutNs how long a proxy's header may take; what comes after it is bounded by the session
 */
public record ListenerConfig(Endpoint endpoint, @Nullable TlsContext tls, long handshakeTimeoutNs) {}
