package io.freshet.engine.presence;

import java.util.LinkedHashSet;
import java.util.Set;

/** What one session is told of one group. One thread. */
final class GroupWatch {
    private final PresenceSession session;
    private final GroupWindow window;
    private final Set<Long> users;
    /** Of the users, those whose state is to be told. */
    private final Set<Long> untold = new LinkedHashSet<>();

    private boolean isOver;

    GroupWatch(PresenceSession session, GroupWindow window, Set<Long> users) {
        this.session = session;
        this.window = window;
        this.users = users;
    }

    PresenceSession session() {
        return session;
    }

    GroupWindow window() {
        return window;
    }

    Set<Long> users() {
        return users;
    }

    Set<Long> untold() {
        return untold;
    }

    boolean isOver() {
        return isOver;
    }

    void end() {
        isOver = true;
    }
}
