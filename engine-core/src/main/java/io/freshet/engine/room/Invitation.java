package io.freshet.engine.room;

import io.freshet.engine.ChannelRight;
import io.freshet.engine.Principal;
import java.util.Set;

/**
 * Lets a principal into a room until a moment.
 *
 * @param rights what it may there, beside what the access policy says; never more than the inviter may
 */
record Invitation(Room room, Principal inviter, long user, Set<ChannelRight> rights, long endNs) {}
