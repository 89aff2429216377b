package io.freshet.client;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What is closed together with its owner: every member is found by the owner's close, or is told that it comes too late. Any thread. */
final class OwnedSet<T> {
    private final Set<T> members = ConcurrentHashMap.newKeySet();
    private volatile boolean isClosed;

    /** Takes one on; false when the set is closed. */
    boolean add(T member) {
        members.add(member);
        // Read after the set was written: either close finds the member, or the member finds this closed.
        if (isClosed) {
            members.remove(member);
            return false;
        }
        return true;
    }

    void remove(T member) {
        members.remove(member);
    }

    /** Takes on no others from now on; returns those that there are. */
    List<T> close() {
        isClosed = true;
        return List.copyOf(members);
    }
}
