package io.freshet.log.chronicle;

import io.freshet.log.ChannelDirectory;
import io.freshet.log.ChannelIndex;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.StorageException;
import io.freshet.log.StorageException.Reason;
import io.freshet.log.index.Indexer;
import io.freshet.log.index.LmdbStore;
import io.freshet.log.index.OrderedStore;
import io.freshet.log.index.ShardIndex;
import io.freshet.log.index.StoredDirectory;
import io.freshet.log.retention.LogRetention;
import io.freshet.log.retention.RetentionAgent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.agrona.concurrent.Agent;

/** Logs on Chronicle Queue, indexes and directory on LMDB, in one data directory. */
public final class ChronicleStorage implements Storage {
    private final int shardCount;
    private final List<ChronicleLog> logs = new ArrayList<>();
    private final List<ShardIndex> indexes = new ArrayList<>();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final ChannelDirectory channels;
    private final List<Agent> agents;

    private ChronicleStorage(Path root, StorageConfig config) throws IOException {
        shardCount = config.shardCount();
        try {
            DataDirectory directory = opening(DataDirectory.open(root, shardCount));
            channels = opening(new StoredDirectory(new LmdbStore(directory.channels(), config.indexMapLength())));
            SpaceGuard space = new SpaceGuard(Files.getFileStore(root)::getUsableSpace);
            checkSpace(root, space);
            WakeSignal syncSignal = new WakeSignal();
            for (int shard = 0; shard < shardCount; shard++) {
                openShard(directory.shard(shard), config, space, syncSignal);
            }
            LogPreparer preparer = opening(new LogPreparer(logs, space, config));
            preparer.doWork();
            agents = new ArrayList<>(List.of(
                    new Syncer(logs.stream().map(ChronicleLog::syncPart).toList(), syncSignal, config.nanoClock()),
                    preparer,
                    new Indexer(indexes)));
            if (config.retention().isBounded()) {
                agents.add(opening(RetentionAgent.of(logs, indexes, config)));
            }
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * Opens the data directory, which is made when it is missing or empty, and recovers what a crash left. Blocks for as
     * long as it takes to check the roll files that changed since they were closed.
     *
     * @throws StorageException with its reason
     */
    public static ChronicleStorage open(Path root, StorageConfig config) {
        try {
            return new ChronicleStorage(root, config);
        } catch (IOException e) {
            throw new StorageException(Reason.NOT_WRITABLE, root + " cannot be read or written: " + e, e);
        }
    }

    private static void checkSpace(Path root, SpaceGuard space) throws IOException {
        long usable = space.usableLength();
        if (usable < AppendReserve.NEW_FILE_LENGTH) {
            throw new StorageException(
                    Reason.NO_SPACE,
                    root + " has " + usable + " bytes left on its device, too few to start with; "
                            + AppendReserve.NEW_FILE_LENGTH + " are needed");
        }
    }

    private void openShard(Path shard, StorageConfig config, SpaceGuard space, WakeSignal syncSignal)
            throws IOException {
        Recovered recovered = new LogRecovery(shard).recover();
        ChronicleLog log = opening(new ChronicleLog(recovered, config, space, syncSignal));
        logs.add(log);
        OrderedStore store = openIndexStore(shard.resolve("index"), log, recovered.isIndexStale(), config);
        ShardIndex index = opening(new ShardIndex(log, store, config));
        indexes.add(index);
        LogRetention.endWhatHasBegun(log, index);
    }

    /** Opens what the index is kept in; what is stale, damaged or of another log is deleted, since it is built again. */
    private static OrderedStore openIndexStore(Path directory, ChronicleLog log, boolean isStale, StorageConfig config)
            throws IOException {
        if (!isStale) {
            OrderedStore store = null;
            try {
                store = new LmdbStore(directory, config.indexMapLength());
                if (ShardIndex.fits(store, log.logId(), log.lastPosition())) {
                    return store;
                }
                store.close();
            } catch (RuntimeException e) {
                if (store != null) {
                    store.close();
                }
            }
        }
        DataDirectory.delete(directory);
        return new LmdbStore(directory, config.indexMapLength());
    }

    private <T extends AutoCloseable> T opening(T part) {
        opened.push(part);
        return part;
    }

    @Override
    public int shardCount() {
        return shardCount;
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

    @Override
    public void close() {
        RuntimeException first = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                if (first == null) {
                    first = new StorageException(Reason.NOT_WRITABLE, "the storage did not close cleanly: " + e, e);
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
