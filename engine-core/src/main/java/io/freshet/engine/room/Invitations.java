package io.freshet.engine.room;

import io.freshet.engine.ChannelRight;
import io.freshet.protocol.ErrorCode;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The open invitations to all rooms; all last equally long. Owned by the thread of its {@link Rooms}. */
final class Invitations {
    /** Invitations to one room that may be open. */
    static final int OF_ROOM = 200;

    /** In the order in which they end. */
    private final Set<Invitation> open = new LinkedHashSet<>();

    /**
     * Lets a user into the room for a while, with the right to speak and to show a screen if the inviter has them.
     *
     * @throws io.freshet.protocol.FreshetException when too many are invited
     */
    Invitation add(Member inviter, long user, long endNs) {
        Map<Long, Invitation> ofRoom = inviter.room.invitations();
        if (ofRoom.size() >= OF_ROOM && !ofRoom.containsKey(user)) {
            throw Rooms.refused(ErrorCode.LIMIT_REACHED, "the room has " + ofRoom.size() + " open invitations");
        }
        Set<ChannelRight> rights = EnumSet.of(ChannelRight.SPEAK, ChannelRight.SHOW_SCREEN);
        rights.retainAll(inviter.rights());
        rights.add(ChannelRight.JOIN_ROOM);
        Invitation invitation = new Invitation(inviter.room, inviter.session().principal(), user, rights, endNs);
        withdraw(inviter.room, user);
        ofRoom.put(user, invitation);
        open.add(invitation);
        return invitation;
    }

    /** What a user is invited to now. */
    List<Invitation> of(long user) {
        return open.stream().filter(each -> each.user() == user).toList();
    }

    void withdraw(Room room, long user) {
        Invitation invitation = room.invitations().remove(user);
        if (invitation != null) {
            open.remove(invitation);
        }
    }

    void withdrawAll(Room room) {
        List.copyOf(room.invitations().keySet()).forEach(user -> withdraw(room, user));
    }

    /** Takes one away whose time is over; returns its room, or null when there is none. */
    @Nullable
    Room expire(long nowNs) {
        if (open.isEmpty()) {
            return null;
        }
        Invitation first = open.iterator().next();
        if (nowNs - first.endNs() < 0) {
            return null;
        }
        withdraw(first.room(), first.user());
        return first.room();
    }
}
