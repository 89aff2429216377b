package io.freshet.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A channel under load: who publishes to it and how far its slowest subscriber is. Owned by the leader's thread; each load thread
 * has the {@link ChannelProgress} of its own subscribers.
 */
final class LoadChannel {
    private final int index;
    private final String name;
    private final List<Outlet> outlets = new ArrayList<>();
    private List<ChannelProgress> parts = List.of();
    private @Nullable Window window;
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

    /**
     * From now on what the slowest subscriber has got makes room in this window. Before any subscriber is there.
     *
     * @param leader runs what is given to it on the leader's thread
     */
    void releaseTo(Window room, int threadCount, Executor leader) {
        window = room;
        List<ChannelProgress> made = new ArrayList<>();
        for (int thread = 0; thread < threadCount; thread++) {
            made.add(new ChannelProgress(this, room.capacity(), thread == 0 ? null : leader));
        }
        parts = List.copyOf(made);
    }

    /** Where the subscribers of a thread tell how far they are; null when nobody waits for that. */
    @Nullable
    ChannelProgress progress(int thread) {
        return parts.isEmpty() ? null : parts.get(thread);
    }

    /** A thread's slowest subscriber has got on. */
    void settle() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < parts.size(); i++) {
            ChannelProgress part = parts.get(i);
            if (part.hasSubscribers()) {
                least = Math.min(least, part.slowest());
            }
        }
        Window room = window;
        if (room != null && least > slowest) {
            room.release(least - slowest);
            slowest = least;
        }
    }
}
