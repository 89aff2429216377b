package io.freshet.log.memory;

import io.freshet.log.ChannelDirectory;
import io.freshet.log.ChannelIndex;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.index.Indexer;
import io.freshet.log.index.ShardIndex;
import io.freshet.log.index.StoredDirectory;
import io.freshet.log.retention.RetentionAgent;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.Agent;

/** A storage in memory, on a {@link MemoryDisk} that outlives it. One thread may run all of it. */
public final class MemoryStorage implements Storage {
    private final MemoryDisk disk;
    private final List<MemoryLog> logs = new ArrayList<>();
    private final List<ShardIndex> indexes = new ArrayList<>();
    private final StoredDirectory channels;
    private final RetentionAgent retention;
    private final List<Agent> agents;
    private boolean isClosed;

    /** Opens the disk and recovers what a crash left on it. */
    public static MemoryStorage open(MemoryDisk disk, StorageConfig config) {
        return new MemoryStorage(disk, config);
    }

    private MemoryStorage(MemoryDisk disk, StorageConfig config) {
        this.disk = disk;
        List<MemoryShard> shards = disk.take(this, config.shardCount());
        channels = new StoredDirectory(disk.channels);
        for (int shard = 0; shard < shards.size(); shard++) {
            MemoryShard stored = shards.get(shard);
            MemoryLog log = new MemoryLog(stored, shard + 1, config);
            logs.add(log);
            if (!ShardIndex.fits(stored.index, log.logId(), log.lastPosition())) {
                ShardIndex.clear(stored.index);
            }
            ShardIndex index = new ShardIndex(log, stored.index, config);
            indexes.add(index);
            log.truncateBefore(index.prunedPosition());
        }
        retention = RetentionAgent.of(logs, indexes, config);
        agents = new ArrayList<>(List.of(new MemorySyncer(logs), new Indexer(indexes)));
        if (config.retention().isBounded()) {
            agents.add(retention);
        }
    }

    /** What goes wrong in a shard's log. */
    public MemoryFaults faults(int shard) {
        return logs.get(shard).faults();
    }

    @Override
    public int shardCount() {
        return logs.size();
    }

    @Override
    public ChannelDirectory channels() {
        return channels;
    }

    @Override
    public MessageLog log(int shard) {
        return logs.get(shard);
    }

    @Override
    public ChannelIndex index(int shard) {
        return indexes.get(shard);
    }

    @Override
    public List<Agent> agents() {
        return List.copyOf(agents);
    }

    void crashed() {
        isClosed = true;
        logs.forEach(MemoryLog::fence);
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            retention.close();
            for (int shard = logs.size() - 1; shard >= 0; shard--) {
                indexes.get(shard).close();
                logs.get(shard).close();
            }
            channels.close();
            disk.release(this);
        }
    }

    /** Syncs all logs in turn. */
    private static final class MemorySyncer implements Agent {
        private final List<MemoryLog> logs;

        MemorySyncer(List<MemoryLog> logs) {
            this.logs = logs;
        }

        @Override
        public int doWork() {
            int workCount = 0;
            for (MemoryLog log : logs) {
                workCount += log.doSyncWork();
            }
            return workCount;
        }

        @Override
        public String roleName() {
            return "freshet-syncer";
        }
    }
}
