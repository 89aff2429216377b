package io.freshet.benchmarks.load;

/** What one connection was told of its channel's counter. Owned by its load thread. */
final class CounterView {
    private long channel;
    private long total;

    /** The channel's id, 0 before it is open. */
    long channel() {
        return channel;
    }

    void opened(long id) {
        channel = id;
    }

    /** The last total that it was told; 0 when there is none. */
    long total() {
        return total;
    }

    /** It is told a total; false when that is less than one before. */
    boolean told(long now) {
        boolean hasRisen = now >= total;
        total = now;
        return hasRisen;
    }
}
