package io.freshet.engine.notice;

import io.freshet.log.IndexReader;
import io.freshet.log.LogFollower;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The states of a follower, as an index keeps them. */
final class FollowerStates implements LogFollower.StateWriter {
    final TreeMap<String, byte[]> kept = new TreeMap<>();
    long putLength;

    private static String key(long channel, long key1, long key2) {
        return String.format("%016x %016x %016x", channel, key1, key2);
    }

    @Override
    public void put(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
        byte[] bytes = new byte[length];
        value.getBytes(offset, bytes);
        kept.put(key(channel, key1, key2), bytes);
        putLength += length;
    }

    @Override
    public void remove(long channel, long key1, long key2) {
        kept.remove(key(channel, key1, key2));
    }

    @Override
    public void expireBefore(long channel, long sequence) {
        throw new AssertionError("nothing of inboxes expires");
    }

    @Override
    public long firstSequence(long channel) {
        return 0;
    }

    @Override
    public void states(long channel, long fromKey1, long toKey1, IndexReader.StateVisitor visitor) {
        String from = key(channel, fromKey1, 0);
        String to = key(channel, toKey1, -1);
        kept.subMap(from, true, to, true).forEach((key, bytes) -> {
            long[] keys = keys(key);
            visitor.onState(keys[1], keys[2], new UnsafeBuffer(bytes), 0, bytes.length);
        });
    }

    private static long[] keys(String key) {
        return Arrays.stream(key.split(" ", -1))
                .mapToLong(word -> Long.parseUnsignedLong(word, 16))
                .toArray();
    }

    @Override
    public boolean state(long channel, long key1, long key2, IndexReader.StateVisitor visitor) {
        byte[] found = kept.get(key(channel, key1, key2));
        if (found != null) {
            visitor.onState(key1, key2, new UnsafeBuffer(found), 0, found.length);
        }
        return found != null;
    }

    /** What retention would write into the log. */
    void restoreInto(LogFollower follower) {
        kept.forEach((key, bytes) -> {
            UnsafeBuffer value = new UnsafeBuffer(bytes);
            if (follower.isCurrent(value, 0, bytes.length)) {
                long[] keys = keys(key);
                follower.onSnapshot(keys[0], keys[1], keys[2], value, 0, bytes.length);
            }
        });
    }

    Map<String, String> text() {
        Map<String, String> text = new TreeMap<>();
        kept.forEach((key, bytes) -> text.put(key, Arrays.toString(bytes)));
        return text;
    }
}
