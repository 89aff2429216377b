package io.freshet.log.memory;

import io.freshet.log.index.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What stays when a {@link MemoryStorage} is closed or crashes. Any thread, but only one storage is open on it at a time. */
public final class MemoryDisk {
    /** What a crash leaves. */
    public enum Kept {
        /** Only the process died: everything written is there. */
        WRITTEN,
        /** The machine went down: only what was synced is there. */
        SYNCED
    }

    final MemoryStore channels = new MemoryStore();
    private final List<MemoryShard> shards = new ArrayList<>();
    private Runnable stepListener = () -> {};
    private @Nullable MemoryStorage owner;

    /**
     * Ends the storage that is open on this disk as if its process or machine had died at this instant; it answers
     * {@code FENCED} from now on, and another can be opened.
     *
     * @param tornTail whether half of a document that nobody was told of is left at the end of each log
     */
    public void crash(Kept kept, boolean tornTail) {
        crash(kept, tornTail, unsyncedCount -> 0);
    }

    /**
     * The same, where the machine had written some of what was not synced.
     *
     * @param survivorCount how many of so many documents of a log that were not synced are left, the oldest, when the machine
     *     goes down
     */
    public synchronized void crash(Kept kept, boolean tornTail, IntUnaryOperator survivorCount) {
        channels.recover();
        for (MemoryShard shard : shards) {
            shard.crash(kept, tornTail, survivorCount);
        }
        if (owner != null) {
            owner.crashed();
            owner = null;
        }
    }

    /**
     * Runs before and after each change of what is kept, on the thread that makes it: by throwing an error a test ends the
     * process there, after {@link #crash}.
     */
    public synchronized void onStep(Runnable listener) {
        stepListener = listener;
        channels.stepListener(listener);
        shards.forEach(shard -> shard.stepListener(listener));
    }

    /** Forgets the index of a shard, as if its files had been deleted while the storage was closed. */
    public synchronized void dropIndex(int shard) {
        shards.get(shard).index = new MemoryStore();
        shards.get(shard).stepListener(stepListener);
    }

    synchronized List<MemoryShard> take(MemoryStorage storage, int shardCount) {
        if (owner != null) {
            throw new IllegalStateException("the disk is in use");
        }
        if (!shards.isEmpty() && shards.size() != shardCount) {
            throw new IllegalStateException("the disk was made with " + shards.size() + " shards, not " + shardCount);
        }
        while (shards.size() < shardCount) {
            MemoryShard shard = new MemoryShard();
            shard.stepListener(stepListener);
            shards.add(shard);
        }
        owner = storage;
        return List.copyOf(shards);
    }

    synchronized void release(MemoryStorage storage) {
        if (owner == storage) {
            owner = null;
        }
    }
}
