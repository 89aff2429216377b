package io.freshet.engine.presence;

import io.freshet.protocol.v1.PresenceMember;
import io.freshet.protocol.v1.PresenceMode;
import io.freshet.protocol.v1.PresenceState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One user over all sessions, those included that ended so lately that they may be back. One thread. */
final class PresenceUser {
    /** The order in which people see them: by the bytes of their names, then by their numbers. */
    static final Comparator<PresenceUser> ORDER = (left, right) -> {
        int byName = Arrays.compareUnsigned(left.nameBytes, right.nameBytes);
        return byName != 0 ? byName : Long.compareUnsigned(left.id, right.id);
    };

    /** Characters of a name that others are told; a window of the longest names and statuses fits a push. */
    private static final int MAX_NAME = 80;

    private final long id;
    private final String name;
    private final byte[] nameBytes;
    /** How many of the sessions are in each group. */
    private final Map<PresenceGroup, Integer> groups = new HashMap<>();

    private final Set<PresenceSession> present = new HashSet<>();
    /** Sessions that have ended, the longest ago first. */
    private final ArrayDeque<PresenceSession> ended = new ArrayDeque<>();

    private int idleCount;
    private PresenceMode mode = PresenceMode.PRESENCE_MODE_USUAL;
    private String status = "";
    /** Active or idle, as the sessions said last. */
    private PresenceState usual = PresenceState.PRESENCE_STATE_ACTIVE;
    /** How others are told of it, until something of it changes. */
    private @Nullable PresenceMember member;

    PresenceUser(long id, String fullName) {
        this.id = id;
        name = fullName.length() <= MAX_NAME ? fullName : cut(fullName);
        nameBytes = name.getBytes(StandardCharsets.UTF_8);
    }

    /** Not in the middle of a character that takes two. */
    private static String cut(String name) {
        int end = Character.isHighSurrogate(name.charAt(MAX_NAME - 1)) ? MAX_NAME - 1 : MAX_NAME;
        return name.substring(0, end);
    }

    long id() {
        return id;
    }

    /** Where at least one of the sessions is. */
    Set<PresenceGroup> groups() {
        return groups.keySet();
    }

    /** One more of the sessions is in a group; whether it is the first. */
    boolean enter(PresenceGroup group) {
        int count = groups.getOrDefault(group, 0) + 1;
        groups.put(group, count);
        return count == 1;
    }

    /** One of the sessions is in a group no more; whether it was the last. */
    boolean leave(PresenceGroup group) {
        int count = groups.getOrDefault(group, 0) - 1;
        if (count > 0) {
            groups.put(group, count);
        } else {
            groups.remove(group);
        }
        return count == 0;
    }

    Set<PresenceSession> present() {
        return present;
    }

    ArrayDeque<PresenceSession> ended() {
        return ended;
    }

    /** Whether nothing is left of it. */
    boolean isGone() {
        return present.isEmpty() && ended.isEmpty();
    }

    void add(PresenceSession session) {
        present.add(session);
        idleCount += session.isIdle() ? 1 : 0;
        settle();
    }

    /** The session has ended, and may be back. */
    void end(PresenceSession session) {
        present.remove(session);
        idleCount -= session.isIdle() ? 1 : 0;
        ended.addLast(session);
        settle();
    }

    void idle(PresenceSession session, boolean isIdle) {
        if (session.isIdle() != isIdle) {
            session.idle(isIdle);
            idleCount += isIdle ? 1 : -1;
            settle();
        }
    }

    /** While no session is there, it looks as it did before the last one ended. */
    private void settle() {
        member = null;
        if (!present.isEmpty()) {
            usual = idleCount == present.size()
                    ? PresenceState.PRESENCE_STATE_IDLE
                    : PresenceState.PRESENCE_STATE_ACTIVE;
        }
    }

    void mode(PresenceMode wanted) {
        mode = wanted;
        member = null;
    }

    void status(String text) {
        status = text;
        member = null;
    }

    String status() {
        return status;
    }

    /** How others see it. */
    PresenceState state() {
        return switch (mode) {
            case PRESENCE_MODE_INVISIBLE -> PresenceState.PRESENCE_STATE_OFFLINE;
            case PRESENCE_MODE_DO_NOT_DISTURB -> PresenceState.PRESENCE_STATE_DO_NOT_DISTURB;
            default -> usual;
        };
    }

    boolean isVisible() {
        return mode != PresenceMode.PRESENCE_MODE_INVISIBLE;
    }

    /** As others are told of it. */
    PresenceMember member() {
        PresenceMember known = member;
        if (known == null) {
            known = isVisible()
                    ? PresenceMember.newBuilder()
                            .setUser(id)
                            .setName(name)
                            .setState(state())
                            .setStatus(status)
                            .build()
                    : offline(id);
            member = known;
        }
        return known;
    }

    /** Of somebody who is not there, or not to be seen. */
    static PresenceMember offline(long id) {
        return PresenceMember.newBuilder().setUser(id).build();
    }

    @Override
    public String toString() {
        return name + " (" + Long.toUnsignedString(id) + "), " + state();
    }
}
