package io.freshet.log.index;

import io.freshet.log.ChannelIndex;
import io.freshet.log.IndexReader;
import io.freshet.log.IndexStatistics;
import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.StorageException;
import io.freshet.log.index.OrderedStore.Table;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index of one shard: follows the log up to what is synced and writes a checkpoint now and then, so that a write
 * costs per block of runs and not per message. Belongs to the indexer's thread, apart from {@link #indexedPosition},
 * {@link #openReader} and, before that thread runs, {@link #addFollower} and {@link #catchUp}.
 */
public final class ShardIndex implements ChannelIndex, AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(ShardIndex.class);

    /** Unfinished blocks that are kept between checkpoints so that they need not be read again. */
    private static final int MAX_KEPT_BLOCK_COUNT = 4096;

    private static final long RETRY_INTERVAL_NS = 1_000_000_000;

    private final IndexedLog source;
    private final OrderedStore store;
    private final long checkpointIntervalNs;
    private final int checkpointRunCount;
    private final LongSupplier nanoClock;
    private final LogReader reader;
    private final OrderedStore.Reader lookup;
    private final UnsafeBuffer key = new UnsafeBuffer(ByteBuffer.allocateDirect(32));
    private final List<LogFollower> followers = new ArrayList<>();
    private final Long2ObjectHashMap<RunBlock> blocks = new Long2ObjectHashMap<>();
    private final List<RunBlock> fullBlocks = new ArrayList<>();
    private final SnapshotRestore restore = new SnapshotRestore(this::lastBlock, followers);

    private volatile long indexedPosition;
    /** Documents of this instance of the log up to {@link #indexedPosition}; the rest has been read, or is to be. */
    private volatile long indexedCount;

    private long readCount;
    private volatile IndexStatistics checkpoints = new IndexStatistics(0, 0, 0, 0, false);
    private long readPosition;
    private volatile long prunedBefore;
    /** Position of the first document that it was built from. */
    private long builtFrom;

    private final AtomicLong expiredCount = new AtomicLong();
    private boolean hasHeldDocument;
    /** A checkpoint has failed, and none has succeeded since. */
    private volatile boolean isStopped;

    private boolean isTrying;
    private long failedNs;
    /** Runs since the checkpoint; a document without any counts as one. */
    private int uncheckedRunCount;

    private long lastCheckpointNs;

    /** Takes up the index where the store has it; the store belongs to it from now on. */
    public ShardIndex(IndexedLog source, OrderedStore store, StorageConfig config) {
        this.source = source;
        this.store = store;
        checkpointIntervalNs = config.checkpointIntervalNs();
        checkpointRunCount = config.checkpointRunCount();
        nanoClock = config.nanoClock();
        reader = source.log().openReader();
        lookup = store.openReader();
        lookup.renew();
        try {
            indexedPosition = ShardIndexReader.meta(lookup, key, IndexKeys.CHECKPOINT);
            prunedBefore = ShardIndexReader.meta(lookup, key, IndexKeys.OLDEST);
            builtFrom = ShardIndexReader.meta(lookup, key, IndexKeys.BUILT_FROM);
        } finally {
            lookup.release();
        }
        lastCheckpointNs = nanoClock.getAsLong();
        seekBehindCheckpoint();
    }

    /**
     * Whether what the store holds fits this log: made from it, and not beyond its end. One that does not must be emptied
     * before an index is opened on it. A store without a checkpoint fits.
     */
    public static boolean fits(OrderedStore store, long logId, long lastPosition) {
        try (OrderedStore.Reader reader = store.openReader()) {
            UnsafeBuffer key = new UnsafeBuffer(ByteBuffer.allocateDirect(32));
            reader.renew();
            try {
                long checkpoint = ShardIndexReader.meta(reader, key, IndexKeys.CHECKPOINT);
                return checkpoint == MessageLog.NULL_POSITION
                        || (checkpoint <= lastPosition
                                && ShardIndexReader.meta(reader, key, IndexKeys.LOG_ID) == logId);
            } finally {
                reader.release();
            }
        }
    }

    @Override
    public long indexedPosition() {
        return indexedPosition;
    }

    @Override
    public IndexStatistics statistics() {
        IndexStatistics written = checkpoints;
        long lagCount = source.log().statistics().documentCount() - indexedCount;
        return new IndexStatistics(
                Math.max(0, lagCount),
                written.checkpointCount(),
                written.checkpointNs(),
                expiredCount.get(),
                isStopped);
    }

    @Override
    public void addFollower(LogFollower follower) {
        for (LogFollower other : followers) {
            if (other.id() == follower.id()) {
                throw new IllegalArgumentException("two followers have the id " + follower.id());
            }
        }
        followers.add(follower);
    }

    @Override
    public void catchUp() {
        if (hasNewFollower()) {
            clear();
        }
        source.sync();
        while (poll(Integer.MAX_VALUE) > 0) {
            // Until nothing is left.
        }
        if (isStopped) {
            throw new StorageException(
                    StorageException.Reason.NOT_WRITABLE, "an index could not be brought up to date");
        }
        checkpoint();
        readCount = source.log().statistics().documentCount();
        indexedCount = readCount;
    }

    @Override
    public IndexReader openReader() {
        return new ShardIndexReader(store.openReader());
    }

    /** What writes down what must outlive documents; for one thread, which closes it before this is closed. */
    public IndexSnapshots openSnapshots() {
        return new IndexSnapshots(source, store.openReader(), followers);
    }

    /** Documents before this position are forgotten, durably. Any thread. */
    public long prunedPosition() {
        return prunedBefore;
    }

    /** Writes a last checkpoint and closes the store. */
    @Override
    public void close() {
        source.sync();
        if (!source.log().isFenced()) {
            poll(Integer.MAX_VALUE);
        }
        if (!isStopped) {
            checkpoint();
        }
        lookup.close();
        reader.close();
        store.close();
    }

    /** Follows the log for at most so many documents and writes a checkpoint when one is due; returns the work done. */
    int poll(int limit) {
        if (isStopped && !isTrying) {
            if (nanoClock.getAsLong() - failedNs < RETRY_INTERVAL_NS) {
                return 0;
            }
            goBack();
        }
        try {
            return follow(limit);
        } catch (RuntimeException e) {
            failed(e);
            return 0;
        }
    }

    private void failed(RuntimeException cause) {
        if (!isStopped) {
            LOGGER.error("the index stops at its last checkpoint and tries to go on from there, every second", cause);
        }
        isStopped = true;
        isTrying = false;
        failedNs = nanoClock.getAsLong();
    }

    /** Forgets everything behind the last checkpoint and reads it again: a full device may have room by now. */
    private void goBack() {
        isTrying = true;
        blocks.clear();
        fullBlocks.clear();
        uncheckedRunCount = 0;
        readCount = indexedCount;
        followers.forEach(LogFollower::onRollback);
        seekBehindCheckpoint();
    }

    private int follow(int limit) {
        long synced = source.log().syncedPosition();
        int count = 0;
        while (count < limit && readPosition < synced && nextWithin(synced)) {
            index(reader.document());
            count++;
            if (uncheckedRunCount >= checkpointRunCount) {
                checkpoint();
            }
        }
        boolean isDue = uncheckedRunCount > 0 || goneBefore() > prunedBefore;
        if (isDue && nanoClock.getAsLong() - lastCheckpointNs >= checkpointIntervalNs) {
            checkpoint();
            count++;
        }
        return count;
    }

    /** Reads the next document that lies within what is synced; one that lies beyond is held for later. */
    private boolean nextWithin(long synced) {
        if (!hasHeldDocument && !reader.next()) {
            return false;
        }
        hasHeldDocument = reader.document().position() > synced;
        return !hasHeldDocument;
    }

    private void index(LogDocument document) {
        if (readPosition == MessageLog.NULL_POSITION) {
            builtFrom = document.position();
        }
        if (document.kind() == LogDocument.Kind.RUNS) {
            for (int run = 0, count = document.runCount(); run < count; run++) {
                indexRun(document, run);
            }
        } else if (document.kind() == LogDocument.Kind.SNAPSHOT && SnapshotLayout.isNeeded(document, builtFrom)) {
            SnapshotLayout.read(document, restore);
        }
        for (LogFollower follower : followers) {
            follower.onDocument(document);
        }
        readPosition = document.position();
        readCount++;
        uncheckedRunCount += Math.max(1, document.runCount());
    }

    private void indexRun(LogDocument document, int run) {
        long channel = document.channel(run);
        long first = document.firstSequence(run);
        int count = document.recordCount(run);
        RunBlock block = lastBlock(channel, first);
        if (block.isFull()) {
            block = startNext(block);
        }
        block.add(first, document.position(), count);
        block.lastSequence = first + count - 1;
        block.lastPosition = document.position();
        block.lastTimeUs = Math.max(block.lastTimeUs, document.timeUs());
        block.isDirty = true;
    }

    private RunBlock startNext(RunBlock full) {
        if (full.isDirty) {
            fullBlocks.add(full);
        }
        RunBlock next = new RunBlock(full.channel);
        next.firstSequence = full.firstSequence;
        next.lastTimeUs = full.lastTimeUs;
        blocks.put(full.channel, next);
        return next;
    }

    private RunBlock lastBlock(long channel, long firstSequence) {
        RunBlock known = blocks.get(channel);
        return known != null ? known : load(channel, firstSequence);
    }

    private RunBlock load(long channel, long firstSequence) {
        RunBlock block = new RunBlock(channel);
        block.firstSequence = source.isWhole() ? 1 : firstSequence;
        lookup.renew();
        try {
            if (lookup.get(Table.TAILS, key, IndexKeys.channel(key, channel))) {
                block.loadTail(lookup.value());
            }
            boolean isFound = lookup.floor(Table.RUNS, key, IndexKeys.run(key, channel, Long.MAX_VALUE));
            if (isFound && IndexKeys.first(lookup.key()) == channel) {
                block.load(lookup.value());
            }
        } finally {
            lookup.release();
        }
        blocks.put(channel, block);
        return block;
    }

    /** Where what has been freed ends: before the first document, others may have been lost that were damaged. */
    private long goneBefore() {
        return source.isWhole() ? MessageLog.NULL_POSITION : source.oldestPosition();
    }

    private void checkpoint() {
        lastCheckpointNs = nanoClock.getAsLong();
        long oldest = goneBefore();
        if (uncheckedRunCount == 0 && oldest <= prunedBefore) {
            return;
        }
        try (OrderedStore.Writer writer = store.begin()) {
            Checkpoint checkpoint = new Checkpoint(writer);
            putBlocks(checkpoint);
            if (oldest > prunedBefore) {
                blocks.clear();
                expiredCount.addAndGet(new Pruning(writer, checkpoint).before(oldest));
                checkpoint.putMeta(IndexKeys.OLDEST, 0, oldest);
            }
            for (LogFollower follower : followers) {
                checkpoint.follower(follower.id());
                follower.onCheckpoint(checkpoint);
                checkpoint.putMeta(IndexKeys.FOLLOWER, follower.id(), 1);
            }
            expiredCount.addAndGet(checkpoint.expire(blocks));
            followers.forEach(checkpoint::tellExpired);
            checkpoint.putMeta(IndexKeys.CHECKPOINT, 0, readPosition);
            checkpoint.putMeta(IndexKeys.LOG_ID, 0, source.logId());
            checkpoint.putMeta(IndexKeys.BUILT_FROM, 0, builtFrom);
            writer.commit();
        }
        if (isStopped) {
            isStopped = false;
            isTrying = false;
            LOGGER.info("the index goes on");
        }
        prunedBefore = Math.max(prunedBefore, oldest);
        uncheckedRunCount = 0;
        indexedPosition = readPosition;
        indexedCount = readCount;
        timed(nanoClock.getAsLong() - lastCheckpointNs);
        if (blocks.size() > MAX_KEPT_BLOCK_COUNT) {
            blocks.clear();
        }
    }

    private void timed(long ns) {
        IndexStatistics before = checkpoints;
        checkpoints = new IndexStatistics(0, before.checkpointCount() + 1, before.checkpointNs() + ns, 0, false);
    }

    private void putBlocks(Checkpoint checkpoint) {
        fullBlocks.forEach(checkpoint::putBlock);
        fullBlocks.clear();
        for (RunBlock block : blocks.values()) {
            if (block.isDirty) {
                if (!block.isEmpty()) {
                    checkpoint.putBlock(block);
                }
                checkpoint.putTail(block);
                block.isDirty = false;
            }
        }
    }

    private boolean hasNewFollower() {
        if (indexedPosition == MessageLog.NULL_POSITION) {
            return false;
        }
        lookup.renew();
        try {
            for (LogFollower follower : followers) {
                if (!lookup.get(Table.META, key, IndexKeys.meta(key, IndexKeys.FOLLOWER, follower.id()))) {
                    return true;
                }
            }
            return false;
        } finally {
            lookup.release();
        }
    }

    /** Empties the index so that it is built from the oldest document on. */
    private void clear() {
        clear(store);
        blocks.clear();
        fullBlocks.clear();
        indexedPosition = MessageLog.NULL_POSITION;
        prunedBefore = MessageLog.NULL_POSITION;
        seekBehindCheckpoint();
    }

    /** Removes everything that an index keeps in the store. */
    public static void clear(OrderedStore store) {
        UnsafeBuffer lowest = new UnsafeBuffer(ByteBuffer.allocateDirect(1));
        UnsafeBuffer found = new UnsafeBuffer(ByteBuffer.allocateDirect(32));
        try (OrderedStore.Writer writer = store.begin()) {
            for (Table table : List.of(Table.META, Table.RUNS, Table.TAILS, Table.STATES)) {
                while (writer.ceiling(table, lowest, 1)) {
                    int length = writer.key().capacity();
                    found.putBytes(0, writer.key(), 0, length);
                    writer.remove(table, found, length);
                }
            }
            writer.commit();
        }
    }

    private void seekBehindCheckpoint() {
        readPosition = indexedPosition;
        hasHeldDocument = false;
        if (indexedPosition == MessageLog.NULL_POSITION) {
            reader.toStart();
        } else if (reader.seek(indexedPosition)) {
            reader.next();
        }
    }
}
