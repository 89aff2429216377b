package io.freshet.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.log.IndexReader.StateVisitor;
import io.freshet.log.LogFollower.StateWriter;
import io.freshet.protocol.EventKind;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What happens to posts in the very checkpoint in which they expire. */
class ChannelExpiryTest {
    private static final long CHANNEL = 4;
    private static final long AUTHOR = 7;

    private final States states = new States();
    private final ExpandableArrayBuffer encoded = new ExpandableArrayBuffer();

    private record Key(long key1, long key2) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int first = Long.compareUnsigned(key1, other.key1);
            return first != 0 ? first : Long.compareUnsigned(key2, other.key2);
        }
    }

    /** The states of one channel, in plain memory. */
    private static final class States implements StateWriter {
        final TreeMap<Key, byte[]> kept = new TreeMap<>();
        long first = 1;

        @Override
        public void put(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
            byte[] copy = new byte[length];
            value.getBytes(offset, copy);
            kept.put(new Key(key1, key2), copy);
        }

        @Override
        public void remove(long channel, long key1, long key2) {
            kept.remove(new Key(key1, key2));
        }

        @Override
        public void expireBefore(long channel, long sequence) {
            first = Math.max(first, sequence);
        }

        @Override
        public long firstSequence(long channel) {
            return first;
        }

        @Override
        public void states(long channel, long fromKey1, long toKey1, StateVisitor visitor) {
            kept.subMap(new Key(fromKey1, 0), true, new Key(toKey1, -1), true)
                    .forEach((key, value) ->
                            visitor.onState(key.key1, key.key2, new UnsafeBuffer(value), 0, value.length));
        }

        @Override
        public boolean state(long channel, long key1, long key2, StateVisitor visitor) {
            byte[] value = kept.get(new Key(key1, key2));
            if (value != null) {
                visitor.onState(key1, key2, new UnsafeBuffer(value), 0, value.length);
            }
            return value != null;
        }
    }

    private long count() {
        byte[] summary = kept(ChatKeys.SUMMARY);
        return ChannelSummary.read(new UnsafeBuffer(summary), 0).count();
    }

    private byte[] kept(long key1) {
        byte[] found = states.kept.get(new Key(key1, 0));
        return found == null ? new byte[0] : found;
    }

    @Test
    void shouldCountPostsOnceThatExpireAsOneOfThemIsDeleted() {
        ChannelChanges posts = new ChannelChanges(CHANNEL);
        for (long sequence = 1; sequence <= 3; sequence++) {
            posts.posted(sequence, sequence, AUTHOR);
        }
        posts.posted(PostBlock.LENGTH + 1L, 4, AUTHOR);
        posts.posted(PostBlock.LENGTH + 2L, 5, AUTHOR);
        posts.write(states, encoded);
        assertEquals(5, count());

        states.expireBefore(CHANNEL, PostBlock.LENGTH);
        ChannelChanges deletion = new ChannelChanges(CHANNEL);
        deletion.named(new ChatEvent(EventKind.DELETE, PostBlock.LENGTH + 3L, 6, AUTHOR, 2, ""));
        deletion.write(states, encoded);
        new ChannelExpiry(states, encoded, CHANNEL, states.first).run();
        assertEquals(2, count());
        assertEquals(0, kept(ChatKeys.BLOCKS).length, "the block is gone");
    }
}
