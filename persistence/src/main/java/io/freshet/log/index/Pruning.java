package io.freshet.log.index;

import io.freshet.log.index.OrderedStore.Table;
import java.nio.ByteBuffer;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;

/** Makes an index forget runs in documents that its log has no more, within a checkpoint. Belongs to the indexer's thread. */
final class Pruning {
    private final UnsafeBuffer key = new UnsafeBuffer(ByteBuffer.allocateDirect(32));
    private final OrderedStore.Writer writer;
    private final Checkpoint checkpoint;
    private long expiredCount;

    Pruning(OrderedStore.Writer writer, Checkpoint checkpoint) {
        this.writer = writer;
        this.checkpoint = checkpoint;
    }

    /** Drops the runs in documents before {@code oldest}; returns how many records they had. */
    long before(long oldest) {
        LongArrayList channels = new LongArrayList();
        boolean isFound = writer.ceiling(Table.TAILS, key, IndexKeys.channel(key, 0));
        while (isFound) {
            channels.addLong(IndexKeys.first(writer.key()));
            isFound = writer.next();
        }
        for (int i = 0; i < channels.size(); i++) {
            pruneChannel(channels.getLong(i), oldest);
        }
        return expiredCount;
    }

    private void pruneChannel(long channel, long oldest) {
        RunBlock block = new RunBlock(channel);
        if (writer.get(Table.TAILS, key, IndexKeys.channel(key, channel))) {
            block.loadTail(writer.value());
        }
        long kept = block.lastSequence + 1;
        while (writer.ceiling(Table.RUNS, key, IndexKeys.run(key, channel, 0))
                && IndexKeys.first(writer.key()) == channel) {
            long blockKey = IndexKeys.second(writer.key());
            block.load(writer.value());
            block.trim(oldest);
            if (!block.isEmpty()) {
                kept = block.key();
                if (kept != blockKey) {
                    checkpoint.removeBlock(channel, blockKey);
                    checkpoint.putBlock(block);
                }
                break;
            }
            checkpoint.removeBlock(channel, blockKey);
        }
        if (kept > block.firstSequence) {
            expiredCount += kept - block.firstSequence;
            checkpoint.putBeginning(block, kept);
        }
    }
}
