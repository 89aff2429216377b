package io.freshet.engine.room;

import com.google.protobuf.ByteString;
import io.freshet.engine.Access;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.service.Caller;
import io.freshet.protocol.v1.RoomState;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's wish to be in a room, with what was found out about it.
 *
 * @param ticket of an earlier place; empty for none
 * @param replaces whether other places of the same principal are given up for this one
 */
record Entry(
        Caller session,
        long channel,
        String name,
        RoomSettings settings,
        Access access,
        ByteString ticket,
        boolean replaces,
        RoomState state) {
    /** What an invitation allows, one that is open or by which the place was taken that is asked for. */
    Set<ChannelRight> invited(Room room, @Nullable Member place) {
        Invitation invitation = room.invitations().get(session.principal().id());
        return invitation != null ? invitation.rights() : place != null ? place.invited() : Set.of();
    }

    /** What the access policy and an invitation allow together. */
    Set<ChannelRight> granted(Set<ChannelRight> invited) {
        Set<ChannelRight> rights = EnumSet.noneOf(ChannelRight.class);
        rights.addAll(access.rights());
        rights.addAll(invited);
        return rights;
    }
}
