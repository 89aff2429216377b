package io.freshet.log.memory;

import io.freshet.log.index.MemoryStore;
import java.util.ArrayList;
import java.util.List;
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
    private @Nullable MemoryStorage owner;

    /**
     * Ends the storage that is open on this disk as if its process or machine had died at this instant; it answers
     * {@code FENCED} from now on, and another can be opened.
     *
     * @param tornTail whether half of a document that nobody was told of is left at the end of each log
     */
    public synchronized void crash(Kept kept, boolean tornTail) {
        channels.recover();
        for (MemoryShard shard : shards) {
            shard.crash(kept, tornTail);
        }
        if (owner != null) {
            owner.crashed();
            owner = null;
        }
    }

    /** Forgets the index of a shard, as if its files had been deleted while the storage was closed. */
    public synchronized void dropIndex(int shard) {
        shards.get(shard).index = new MemoryStore();
    }

    synchronized List<MemoryShard> take(MemoryStorage storage, int shardCount) {
        if (owner != null) {
            throw new IllegalStateException("the disk is in use");
        }
        if (!shards.isEmpty() && shards.size() != shardCount) {
            throw new IllegalStateException("the disk was made with " + shards.size() + " shards, not " + shardCount);
        }
        while (shards.size() < shardCount) {
            shards.add(new MemoryShard());
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
