package io.freshet.client;

import io.freshet.protocol.v1.RoomMember;
import io.freshet.protocol.v1.RoomUpdate;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A room as all its members see it at one version.
 *
 * @param version rises with each change
 * @param self this client's own peer number
 * @param members by their peer numbers, rising: whoever has the lower one was there before
 * @param capacity members at most
 * @param video whether cameras may be shown
 * @param screen whether screens may be shown
 */
public record RoomView(
        long version, long self, Map<Long, RoomMember> members, int capacity, boolean video, boolean screen) {
    static final RoomView EMPTY = new RoomView(0, 0, Map.of(), 0, false, false);

    /** Whether the update tells something newer. */
    boolean isBefore(RoomUpdate update) {
        return update.getVersion() > version;
    }

    /** What it is after this update. */
    RoomView after(RoomUpdate update, long peer) {
        Map<Long, RoomMember> now = update.getWhole() ? new TreeMap<>() : new TreeMap<>(members);
        update.getMembersList().forEach(member -> now.put(member.getPeer(), member));
        update.getLeftList().forEach(now::remove);
        return new RoomView(
                update.getVersion(),
                peer,
                Collections.unmodifiableMap(now),
                update.getCapacity(),
                update.getVideo(),
                update.getScreen());
    }
}
