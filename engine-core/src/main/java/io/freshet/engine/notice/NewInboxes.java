package io.freshet.engine.notice;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How many inboxes one author's posts may make, of users who have none: each is a channel, which stays for good, and an id that is mentioned
 * need not be anybody's. Belongs to the notifier's thread.
 */
final class NewInboxes {
    /** For one author, within {@link #WINDOW_NS}. */
    static final int LIMIT = 500;

    static final long WINDOW_NS = TimeUnit.HOURS.toNanos(1);

    /** Authors that are remembered; of more, the one whose turn is the longest ago is forgotten. */
    private static final int AUTHORS = 4_096;

    private static final int INITIAL_CAPACITY = 16;
    private static final float LOAD_FACTOR = 0.75f;

    private static final class Window {
        long startNs;
        int count;
    }

    private final Map<Long, Window> windows = new LinkedHashMap<>(INITIAL_CAPACITY, LOAD_FACTOR, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Window> eldest) {
            return size() > AUTHORS;
        }
    };

    /** Whether this author's post may make another. */
    boolean take(long author, long nowNs) {
        Window window = windows.get(author);
        if (window == null) {
            window = new Window();
            window.startNs = nowNs;
            windows.put(author, window);
        } else if (nowNs - window.startNs >= WINDOW_NS) {
            window.startNs = nowNs;
            window.count = 0;
        }
        if (window.count == LIMIT) {
            return false;
        }
        window.count++;
        return true;
    }
}
