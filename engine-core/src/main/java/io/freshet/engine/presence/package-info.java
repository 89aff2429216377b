/**
 * Who is there. Sessions and what clients say of themselves enter on the services' thread; what the members of a group look like leaves from there as pushes, to
 * those who look and once a while. {@link io.freshet.engine.presence.PresenceBoard} is all of it as a plain class, {@link
 * io.freshet.engine.presence.PresenceService} its way to clients.
 */
@NullMarked
package io.freshet.engine.presence;

import org.jspecify.annotations.NullMarked;
