package io.freshet.engine.erasure;

import io.freshet.engine.chat.PostLookup;
import io.freshet.log.ChannelIndex;
import io.freshet.log.ChannelTail;
import io.freshet.log.Erasure;
import io.freshet.log.IndexReader;
import io.freshet.log.MessageLog;
import java.io.IOException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The erasures of one shard that the index knows of, and how one is done on the disk. Belongs to the eraser's thread. */
final class ShardErasures implements AutoCloseable {
    private final MessageLog log;
    private final ChannelIndex index;
    private final IndexReader reader;
    private final ErasureFollower follower;
    private final ChannelTail tail = new ChannelTail();

    /** Done, and perhaps still in the index until its next checkpoint. */
    private final Set<ErasureKey> done = new HashSet<>();

    private final Map<ErasureKey, ErasedRecords> pending = new LinkedHashMap<>();
    private long seenCheckpointCount = -1;

    ShardErasures(MessageLog log, ChannelIndex index, ErasureFollower follower) {
        this.log = log;
        this.index = index;
        this.follower = follower;
        reader = index.openReader();
    }

    /** Looks at what the index has, when it may have changed; returns whether it did. */
    boolean look() {
        long checkpointCount = index.statistics().checkpointCount();
        if (checkpointCount == seenCheckpointCount) {
            return false;
        }
        seenCheckpointCount = checkpointCount;
        Set<ErasureKey> kept = new HashSet<>();
        Map<ErasureKey, UnsafeBuffer> fresh = new LinkedHashMap<>();
        reader.states(ErasureFollower.ID, ErasureFollower.ALL_CHANNELS, (channel, sequence, value, offset, length) -> {
            ErasureKey key = new ErasureKey(channel, sequence);
            kept.add(key);
            if (!done.contains(key) && !pending.containsKey(key)) {
                byte[] frame = new byte[length];
                value.getBytes(offset, frame);
                fresh.put(key, new UnsafeBuffer(frame));
            }
        });
        done.retainAll(kept);
        fresh.forEach(
                (key, frame) -> pending.put(key, ErasedRecords.of(key, frame, 0, frame.capacity(), this::contents)));
        return true;
    }

    /** What the index knows of a post that was deleted is all there is to know: nothing is added to it any more. */
    private long[] contents(long channel, long post) {
        return PostLookup.contents(reader, channel, post);
    }

    /** One that is to be done, or null; the same until {@link #finishNext}. */
    Map.@Nullable Entry<ErasureKey, ErasedRecords> next() {
        Iterator<Map.Entry<ErasureKey, ErasedRecords>> all = pending.entrySet().iterator();
        return all.hasNext() ? all.next() : null;
    }

    /** Whether this event is known to the index and everything that it names is gone. */
    boolean isDone(ErasureKey key) {
        return !pending.containsKey(key)
                && (done.contains(key)
                        || (reader.tail(key.channel(), tail) && tail.lastSequence >= key.sequence() && !isKept(key)));
    }

    private boolean isKept(ErasureKey key) {
        boolean[] isFound = {false};
        reader.states(
                ErasureFollower.ID,
                ErasureFollower.ALL_CHANNELS,
                (channel, sequence, value, offset, length) ->
                        isFound[0] |= channel == key.channel() && sequence == key.sequence());
        return isFound[0];
    }

    /**
     * Erases on the disk; returns how many records were not erased before. What was kept aside of damaged files goes whole, since
     * it may hold any of them, under whatever name: publishers send again what was cut.
     */
    int erase(ErasureKey key, ErasedRecords records) throws IOException {
        Counting counting = new Counting(records);
        int count = 0;
        for (long next = records.ceiling(1); next != ErasedRecords.NONE; ) {
            long position = reader.find(key.channel(), next);
            counting.begin();
            if (position != MessageLog.NULL_POSITION && log.erase(position, counting)) {
                count += counting.foundCount;
            }
            next = records.ceiling(Math.max(next, counting.last) + 1);
        }
        log.commitErased();
        log.eraseKeptAside();
        return count;
    }

    /** The one that {@link #next} answered is done, memory included. */
    void finishNext() {
        ErasureKey key = pending.keySet().iterator().next();
        pending.remove(key);
        done.add(key);
        follower.done(key);
    }

    int pendingCount() {
        return pending.size();
    }

    @Override
    public void close() {
        reader.close();
    }

    /** Notes which of the records were there; those of one document lie side by side, but for others between them. */
    private static final class Counting implements Erasure {
        private final ErasedRecords records;
        int foundCount;
        long last;

        Counting(ErasedRecords records) {
            this.records = records;
        }

        void begin() {
            foundCount = 0;
            last = 0;
        }

        @Override
        public boolean isTarget(long channel, long sequence, DirectBuffer record, int offset) {
            if (records.isNamed(channel, sequence)) {
                last = Math.max(last, sequence);
            }
            boolean isTarget = records.isTarget(channel, sequence, record, offset);
            foundCount += isTarget && !ErasedRecords.isErased(record, offset) ? 1 : 0;
            return isTarget;
        }

        @Override
        public void mark(MutableDirectBuffer record, int offset, int headLength) {
            records.mark(record, offset, headLength);
        }
    }
}
