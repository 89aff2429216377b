package io.freshet.engine.erasure;

import io.freshet.engine.chat.PostLookup;
import io.freshet.log.ChannelIndex;
import io.freshet.log.ChannelTail;
import io.freshet.log.Erasure;
import io.freshet.log.IndexReader;
import io.freshet.log.MessageLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The erasures of one shard that the index knows of, and how one is done on the disk. Belongs to the eraser's thread. */
final class ShardErasures implements AutoCloseable {
    /** Events in memory at most: each client that deletes makes one, as fast as it may publish. */
    static final int PENDING_COUNT = 1_024;

    /** Events of one round at most. */
    static final int ROUND_COUNT = 256;

    private final MessageLog log;
    private final ChannelIndex index;
    private final IndexReader reader;
    private final ErasureFollower follower;
    private final ChannelTail tail = new ChannelTail();

    /** Done, and perhaps still in the index until its next checkpoint. */
    private final Set<ErasureKey> done = new HashSet<>();

    /** Of the index's, some: the others are taken from there when these are done. */
    private final Map<ErasureKey, ErasedRecords> pending = new LinkedHashMap<>();

    private long seenCheckpointCount = -1;
    /** Whether the index may have more than was taken from it. */
    private boolean hasMore;
    /** The next to be taken are those of this channel and of greater ones, as unsigned numbers; then the others. */
    private long nextChannel;

    /** Events of one channel that are done together, with one sync and one way through everybody's memory. */
    record Round(List<ErasureKey> events, ErasedRecords records) {
        long channel() {
            return events.get(0).channel();
        }
    }

    ShardErasures(MessageLog log, ChannelIndex index, ErasureFollower follower) {
        this.log = log;
        this.index = index;
        this.follower = follower;
        reader = index.openReader();
    }

    /** Looks at what the index has, when it may have changed or holds more than was taken; returns whether it did. */
    boolean look() {
        long checkpointCount = index.statistics().checkpointCount();
        boolean isSeen = checkpointCount == seenCheckpointCount;
        if (isSeen && !(hasMore && pending.isEmpty())) {
            return false;
        }
        if (!isSeen) {
            done.removeIf(key -> !isKept(key));
        }
        seenCheckpointCount = checkpointCount;
        if (pending.size() < PENDING_COUNT) {
            take();
        }
        return true;
    }

    private void take() {
        Map<ErasureKey, UnsafeBuffer> fresh = new LinkedHashMap<>();
        long from = nextChannel;
        hasMore = !take(fresh, from, -1) || (from != 0 && !take(fresh, 0, from - 1));
        fresh.forEach(
                (key, frame) -> pending.put(key, ErasedRecords.of(key, frame, 0, frame.capacity(), this::contents)));
    }

    /** Takes events of the channels between these, both included; false when there was no room for all. */
    private boolean take(Map<ErasureKey, UnsafeBuffer> fresh, long fromChannel, long toChannel) {
        boolean[] isWhole = {true};
        reader.searchStates(
                ErasureFollower.ID,
                ErasureFollower.ALL_CHANNELS,
                fromChannel,
                toChannel,
                (channel, sequence, value, offset, length) -> {
                    ErasureKey key = new ErasureKey(channel, sequence);
                    if (done.contains(key) || pending.containsKey(key)) {
                        return true;
                    }
                    if (pending.size() + fresh.size() >= PENDING_COUNT) {
                        isWhole[0] = false;
                        return false;
                    }
                    byte[] frame = new byte[length];
                    value.getBytes(offset, frame);
                    fresh.put(key, new UnsafeBuffer(frame));
                    nextChannel = channel + 1; // so that all channels have their turn
                    return true;
                });
        return isWhole[0];
    }

    /** What the index knows of a post that was deleted is all there is to know: nothing is added to it any more. */
    private long[] contents(long channel, long post) {
        return PostLookup.contents(reader, channel, post);
    }

    /** Whether files are about to go whose records the index may not find any more: it is unknown whether they are erased until they are gone. */
    boolean isFreeing() {
        return log.isFreeing();
    }

    /** What is to be done next, or null; the same until {@link #finish}. */
    @Nullable
    Round next() {
        Iterator<Map.Entry<ErasureKey, ErasedRecords>> all = pending.entrySet().iterator();
        if (!all.hasNext() || isFreeing()) {
            return null;
        }
        Map.Entry<ErasureKey, ErasedRecords> first = all.next();
        if (first.getValue().isExpired()) {
            return new Round(List.of(first.getKey()), first.getValue());
        }
        List<ErasureKey> events = new ArrayList<>(List.of(first.getKey()));
        List<ErasedRecords> others = new ArrayList<>();
        int count = first.getValue().count();
        while (all.hasNext() && events.size() < ROUND_COUNT && count < Eraser.MAX_COUNT) {
            Map.Entry<ErasureKey, ErasedRecords> each = all.next();
            if (each.getKey().channel() == first.getKey().channel()
                    && !each.getValue().isExpired()) {
                events.add(each.getKey());
                others.add(each.getValue());
                count += each.getValue().count();
            }
        }
        return new Round(events, first.getValue().with(others));
    }

    /** Whether this event is known to the index and everything that it names is gone. */
    boolean isDone(ErasureKey key) {
        return !pending.containsKey(key)
                && (done.contains(key)
                        || (reader.tail(key.channel(), tail) && tail.lastSequence >= key.sequence() && !isKept(key)));
    }

    private boolean isKept(ErasureKey key) {
        return reader.state(
                ErasureFollower.ID,
                ErasureFollower.ALL_CHANNELS,
                key.channel(),
                key.sequence(),
                (channel, sequence, value, offset, length) -> {});
    }

    /**
     * Erases on the disk; returns how many records were not erased before. What was kept aside of damaged files goes whole, since
     * it may hold any of them, under whatever name: publishers send again what was cut.
     */
    int erase(Round round) throws IOException {
        ErasedRecords records = round.records();
        Counting counting = new Counting(records);
        int count = 0;
        for (long next = records.ceiling(1); next != ErasedRecords.NONE; ) {
            long position = reader.find(round.channel(), next);
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

    /** Those that {@link #next} answered are done, memory included. */
    void finish(Round round) {
        for (ErasureKey key : round.events()) {
            pending.remove(key);
            done.add(key);
            follower.done(key);
        }
    }

    /** Events that were taken and are not done; one more stands for all that were not taken. */
    int pendingCount() {
        return pending.size() + (hasMore ? 1 : 0);
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

        @Override
        public byte[] kept(DirectBuffer record, int offset, int headLength, int length) {
            return records.kept(record, offset, headLength, length);
        }
    }
}
