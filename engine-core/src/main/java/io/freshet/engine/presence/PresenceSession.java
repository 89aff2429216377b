package io.freshet.engine.presence;

import io.freshet.engine.service.Pushed;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** One session of a user: where it is, and where it looks. One thread. */
final class PresenceSession {
    /** The way to whoever looks. */
    @FunctionalInterface
    interface Receiver {
        /** False when it was not taken. */
        boolean push(Pushed message);
    }

    private final PresenceUser user;
    private final Receiver receiver;
    private final Set<PresenceGroup> groups = new HashSet<>();
    private final Map<PresenceGroup, GroupWatch> watches = new HashMap<>();
    private final Set<String> untoldEnds = new LinkedHashSet<>();
    private boolean isIdle;
    private boolean isEnded;
    private long endNs;

    PresenceSession(PresenceUser user, boolean isIdle, Receiver receiver) {
        this.user = user;
        this.isIdle = isIdle;
        this.receiver = receiver;
    }

    PresenceUser user() {
        return user;
    }

    Receiver receiver() {
        return receiver;
    }

    /** Where it is; until its time is over, when it has ended. */
    Set<PresenceGroup> groups() {
        return groups;
    }

    Map<PresenceGroup, GroupWatch> watches() {
        return watches;
    }

    /** Groups of which it is told nothing more, and was not told so yet. */
    Set<String> untoldEnds() {
        return untoldEnds;
    }

    /** Groups that it looks at or is still to be told something of, but for one. */
    int lookCount(String but) {
        long others = watches.keySet().stream()
                .filter(group -> !group.name().equals(but))
                .count();
        return (int) others + untoldEnds.size() - (untoldEnds.contains(but) ? 1 : 0);
    }

    boolean isIdle() {
        return isIdle;
    }

    void idle(boolean is) {
        isIdle = is;
    }

    void end(long nowNs) {
        isEnded = true;
        endNs = nowNs;
    }

    boolean isEnded() {
        return isEnded;
    }

    long endNs() {
        return endNs;
    }
}
