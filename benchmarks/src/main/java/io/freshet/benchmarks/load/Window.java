package io.freshet.benchmarks.load;

/** How many messages of a closed loop are under way, and how many may be. Owned by the leader's thread. */
final class Window {
    private final long capacity;
    private final int publisherCount;
    private long used;

    /** @param publisherCount publishers that share it, each of which takes its part of it at a time at most */
    Window(int capacity, int publisherCount) {
        this.capacity = capacity;
        this.publisherCount = publisherCount;
    }

    /** Messages that one publisher may add now. */
    int room() {
        long room = capacity - used;
        return room <= 0 ? 0 : (int) Math.min(room, Math.max(1, capacity / publisherCount));
    }

    void take(long count) {
        used += count;
    }

    void release(long count) {
        used -= count;
    }

    int capacity() {
        return (int) capacity;
    }
}
