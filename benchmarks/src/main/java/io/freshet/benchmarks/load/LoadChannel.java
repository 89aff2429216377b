package io.freshet.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A channel under load: who publishes to it and how far its slowest subscriber is. Owned by the load thread.
 *
 * <p>The slowest subscriber of thousands is found without looking at each: a ring holds, for every place between the
 * slowest and the newest message, how many subscribers stand there. A closed loop bounds that distance, and so the ring.
 */
final class LoadChannel {
    private final int index;
    private final String name;
    private final List<Outlet> outlets = new ArrayList<>();

    private @Nullable Window window;
    private int[] subscribersAt = new int[1];
    private int mask;
    private long slowest;

    LoadChannel(int index, String name) {
        this.index = index;
        this.name = name;
    }

    int index() {
        return index;
    }

    String name() {
        return name;
    }

    /** The publishers of this channel; an outlet's place is its slot. */
    List<Outlet> outlets() {
        return outlets;
    }

    /** Messages of all its publishers. */
    long publishedCount() {
        long count = 0;
        for (int slot = 0; slot < outlets.size(); slot++) {
            count += outlets.get(slot).publishedCount();
        }
        return count;
    }

    /** From now on what the slowest subscriber has got makes room in this window. Before any subscriber is there. */
    void releaseTo(Window room) {
        window = room;
        int capacity = Integer.highestOneBit(room.capacity()) * 2;
        subscribersAt = new int[capacity];
        mask = capacity - 1;
    }

    /** Whether deliveries are to be told to {@link #onProgress}. */
    boolean isWindowed() {
        return window != null;
    }

    /** A subscriber that the window waits for; it stands at the first message. */
    void addSubscriber() {
        subscribersAt[0]++;
    }

    /** A subscriber has got the messages from {@code from} to before {@code to}, counted over all slots. */
    void onProgress(long from, long to) {
        Window room = window;
        if (room == null) {
            return;
        }
        subscribersAt[(int) from & mask]--;
        subscribersAt[(int) to & mask]++;
        if (from == slowest) {
            long before = slowest;
            while (slowest < to && subscribersAt[(int) slowest & mask] == 0) {
                slowest++;
            }
            room.release(slowest - before);
        }
    }
}
