package io.freshet.log.index;

import static io.freshet.log.index.IndexKeys.VALUE_ORDER;

import io.freshet.log.IndexReader;
import io.freshet.log.LogFollower;
import io.freshet.log.index.OrderedStore.Table;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes into the one transaction of a checkpoint, for the index itself and for its followers. Belongs to the indexer's
 * thread.
 */
final class Checkpoint implements LogFollower.StateWriter {
    private final UnsafeBuffer key = new UnsafeBuffer(ByteBuffer.allocateDirect(32));
    private final UnsafeBuffer value =
            new UnsafeBuffer(ByteBuffer.allocateDirect(RunBlock.CAPACITY * RunBlock.ENTRY_LENGTH));
    private final OrderedStore.Writer writer;
    private final Map<Long, Long> expired = new TreeMap<>();

    /** Channels that begin later than before, with their first sequences. */
    private final Map<Long, Long> begun = new TreeMap<>();

    private int follower;

    Checkpoint(OrderedStore.Writer writer) {
        this.writer = writer;
    }

    /** Whose states the following calls change. */
    void follower(int id) {
        this.follower = id;
    }

    void putMeta(int code, int id, long number) {
        value.putLong(0, number, VALUE_ORDER);
        writer.put(Table.META, key, IndexKeys.meta(key, code, id), value, 0, Long.BYTES);
    }

    void putBlock(RunBlock block) {
        int length = block.write(value);
        writer.put(Table.RUNS, key, IndexKeys.run(key, block.channel, block.key()), value, 0, length);
    }

    void removeBlock(long channel, long sequence) {
        writer.remove(Table.RUNS, key, IndexKeys.run(key, channel, sequence));
    }

    void putTail(RunBlock block) {
        value.putLong(0, block.firstSequence, VALUE_ORDER);
        value.putLong(8, block.lastSequence, VALUE_ORDER);
        value.putLong(16, block.lastPosition, VALUE_ORDER);
        value.putLong(24, block.lastTimeUs, VALUE_ORDER);
        writer.put(Table.TAILS, key, IndexKeys.channel(key, block.channel), value, 0, IndexKeys.TAIL_LENGTH);
    }

    /** Moves where the channel begins. */
    void putBeginning(RunBlock block, long firstSequence) {
        block.firstSequence = firstSequence;
        begun.merge(block.channel, firstSequence, Math::max);
        putTail(block);
    }

    @Override
    public void put(long channel, long key1, long key2, DirectBuffer state, int offset, int length) {
        writer.put(Table.STATES, key, IndexKeys.state(key, follower, channel, key1, key2), state, offset, length);
    }

    @Override
    public void remove(long channel, long key1, long key2) {
        writer.remove(Table.STATES, key, IndexKeys.state(key, follower, channel, key1, key2));
    }

    /** Tells a follower of each channel that begins later than before this checkpoint. */
    void tellExpired(LogFollower to) {
        follower(to.id());
        begun.forEach((channel, first) -> to.onExpired(channel, first, this));
    }

    @Override
    public long firstSequence(long channel) {
        return writer.get(Table.TAILS, key, IndexKeys.channel(key, channel))
                ? writer.value().getLong(0, VALUE_ORDER)
                : 0;
    }

    @Override
    public void expireBefore(long channel, long sequence) {
        expired.merge(channel, sequence, Math::max);
    }

    /**
     * Moves the beginnings of channels that followers have asked for, at the end; returns how many records that were.
     *
     * @param blocks what the indexer has of channels in memory, which moves as well
     */
    long expire(Long2ObjectHashMap<RunBlock> blocks) {
        long count = 0;
        for (Map.Entry<Long, Long> each : expired.entrySet()) {
            RunBlock known = blocks.get((long) each.getKey());
            RunBlock block = known != null ? known : new RunBlock(each.getKey());
            if (known == null && writer.get(Table.TAILS, key, IndexKeys.channel(key, block.channel))) {
                block.loadTail(writer.value());
            }
            long first = Math.min(each.getValue(), block.lastSequence + 1);
            if (first > block.firstSequence) {
                count += first - block.firstSequence;
                putBeginning(block, first);
            }
        }
        return count;
    }

    @Override
    public void states(long channel, long fromKey1, long toKey1, IndexReader.StateVisitor visitor) {
        ShardIndexReader.visitStates(writer, key, follower, channel, fromKey1, toKey1, visitor);
    }

    @Override
    public boolean state(long channel, long key1, long key2, IndexReader.StateVisitor visitor) {
        return ShardIndexReader.visitState(writer, key, follower, channel, key1, key2, visitor);
    }
}
