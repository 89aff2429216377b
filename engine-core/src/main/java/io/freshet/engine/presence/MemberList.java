package io.freshet.engine.presence;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The visible members of a group in the order in which people see them. Chunks of some hundred, so that a member of a
 * million is found, added or taken out by moving a chunk, and a place by counting chunks. One thread.
 */
final class MemberList {
    private static final int CHUNK_CAPACITY = 512;

    private final List<List<PresenceUser>> chunks = new ArrayList<>();
    private int size;

    int size() {
        return size;
    }

    /** Adds one who is not in it. */
    void add(PresenceUser user) {
        size++;
        if (chunks.isEmpty()) {
            chunks.add(new ArrayList<>());
        }
        int index = chunkOf(user);
        List<PresenceUser> chunk = chunks.get(index);
        int place = Collections.binarySearch(chunk, user, PresenceUser.ORDER);
        assert place < 0;
        chunk.add(-place - 1, user);
        if (chunk.size() > CHUNK_CAPACITY) {
            List<PresenceUser> upper = chunk.subList(CHUNK_CAPACITY / 2, chunk.size());
            chunks.add(index + 1, new ArrayList<>(upper));
            upper.clear();
        }
    }

    /** Takes out one who is in it. */
    void remove(PresenceUser user) {
        int index = chunkOf(user);
        List<PresenceUser> chunk = chunks.get(index);
        int place = Collections.binarySearch(chunk, user, PresenceUser.ORDER);
        assert place >= 0;
        chunk.remove(place);
        size--;
        if (chunk.isEmpty()) {
            chunks.remove(index);
        }
    }

    /** The last chunk that does not begin behind the user; the first when all do. */
    private int chunkOf(PresenceUser user) {
        int low = 0;
        int high = chunks.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (PresenceUser.ORDER.compare(chunks.get(middle).get(0), user) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** So many members from a place on, fewer at the end. */
    List<PresenceUser> window(int first, int count) {
        List<PresenceUser> window = new ArrayList<>(Math.min(count, size));
        int skipped = 0;
        for (int i = 0; i < chunks.size() && window.size() < count; i++) {
            List<PresenceUser> chunk = chunks.get(i);
            int from = Math.max(0, first - skipped);
            int to = Math.min(chunk.size(), from + count - window.size());
            if (from < to) {
                window.addAll(chunk.subList(from, to));
            }
            skipped += chunk.size();
        }
        return window;
    }
}
