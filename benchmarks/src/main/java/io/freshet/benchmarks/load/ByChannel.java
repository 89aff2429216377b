package io.freshet.benchmarks.load;

import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/** What a connection has for each channel, by the id on the wire; the last one is found at once. */
final class ByChannel<T> {
    private long lastId;
    private @Nullable T last;
    private @Nullable Long2ObjectHashMap<T> all;

    void put(long id, T value) {
        if (last != null) {
            Long2ObjectHashMap<T> map = all;
            if (map == null) {
                map = new Long2ObjectHashMap<>();
                map.put(lastId, last);
                all = map;
            }
            map.put(id, value);
        }
        lastId = id;
        last = value;
    }

    /** Null when there is nothing for this channel. */
    @Nullable
    T find(long id) {
        return id == lastId ? last : findOther(id);
    }

    private @Nullable T findOther(long id) {
        T found = all == null ? null : all.get(id);
        if (found != null) {
            lastId = id;
            last = found;
        }
        return found;
    }
}
