package io.freshet.log.chronicle;

import io.freshet.log.ChannelDirectory;
import io.freshet.log.LogDocument;
import io.freshet.log.LogFinding;
import io.freshet.log.LogFinding.Kind;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageException;
import io.freshet.log.StorageException.Reason;
import io.freshet.log.index.LmdbStore;
import io.freshet.log.index.StoredDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A look at a data directory, of a stopped or of a running server, that changes nothing in it and needs no right to write.
 * Belongs to one thread.
 *
 * <p>Files are read without Chronicle, each from its first byte on. The end of a log that is in use is where it was when
 * the reading came there.
 */
public final class DataInspection implements AutoCloseable {
    /** Sees every document that can be read, shard by shard, in the order of its log. */
    @FunctionalInterface
    public interface Visitor {
        /** The next document; <em>borrowed</em> during the call. Returns whether more are wanted. */
        boolean onDocument(int shard, LogDocument document);
    }

    /**
     * What a reading came by.
     *
     * @param fileCount roll files
     * @param length bytes of documents and of Chronicle's own
     * @param documentCount documents that could be read
     * @param recordCount records in them
     * @param damageCount findings that are damage
     */
    public record Totals(int fileCount, long length, long documentCount, long recordCount, long damageCount) {}

    private final Path root;
    private final int shardCount;
    private final boolean isInUse;
    private final @Nullable StoredDirectory names;
    private final @Nullable String namesFailure;

    private DataInspection(Path root, int shardCount, boolean isInUse) {
        this.root = root;
        this.shardCount = shardCount;
        this.isInUse = isInUse;
        StoredDirectory opened = null;
        String failure = null;
        try {
            opened = new StoredDirectory(LmdbStore.openForReading(DataDirectory.channels(root), isInUse));
        } catch (RuntimeException e) {
            failure = e.toString();
        }
        names = opened;
        namesFailure = failure;
    }

    /**
     * Opens a data directory to look at it.
     *
     * @throws StorageException when it is none, or is of another version, or this process itself has it open
     */
    public static DataInspection open(Path root) {
        try {
            int shardCount = DataDirectory.shardCount(root);
            DataDirectory.Use use = DataDirectory.use(root);
            if (use == DataDirectory.Use.THIS_PROCESS) {
                throw new StorageException(Reason.IN_USE, root + " is open in this process: look at it from another");
            }
            return new DataInspection(root, shardCount, use == DataDirectory.Use.ANOTHER_PROCESS);
        } catch (IOException e) {
            throw new StorageException(Reason.NOT_READABLE, root + " cannot be read: " + e, e);
        }
    }

    /** Whether a server had the directory open when this was opened. */
    public boolean isInUse() {
        return isInUse;
    }

    public int shardCount() {
        return shardCount;
    }

    /** The epoch that a shard's log is in; 0 when that is not known. */
    public int epoch(int shard) {
        ShardState state = loadState(shard);
        return state == null ? 0 : state.epoch();
    }

    private @Nullable ShardState loadState(int shard) {
        try {
            return ShardState.load(DataDirectory.shard(root, shard).resolve("state"));
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    /** The name of a channel; null when there is no such channel or names cannot be read. */
    public @Nullable String channelName(long channel) {
        return names == null ? null : names.name(channel);
    }

    /** The id of a channel, or 0 when there is none of this name or names cannot be read. */
    public long channelId(String name) {
        return names == null ? ChannelDirectory.NO_CHANNEL : names.find(name);
    }

    /**
     * Reads every log from its start to its end, or until the visitor wants no more, and checks all that can be checked:
     * the chain of documents, their envelopes, each record's checksums, the order of each channel, and what is remembered
     * of the last closing.
     *
     * @throws StorageException when a file cannot be read
     */
    public Totals read(Visitor visitor, Consumer<LogFinding> findings) {
        FindingCount counted = new FindingCount(findings);
        if (names == null) {
            counted.accept(new LogFinding(
                    Kind.LOST_NAMES, 0, DataDirectory.channels(root), -1, MessageLog.NULL_POSITION, 0, 0, 0));
        }
        int fileCount = 0;
        long length = 0;
        long documentCount = 0;
        long recordCount = 0;
        boolean isWanted = true;
        for (int shard = 0; shard < shardCount && isWanted; shard++) {
            try {
                ShardInspection inspection =
                        new ShardInspection(shard, DataDirectory.shard(root, shard), isInUse, visitor, counted);
                isWanted = inspection.run(loadState(shard));
                fileCount += inspection.fileCount();
                length += inspection.length();
                documentCount += inspection.documentCount();
                recordCount += inspection.recordCount();
            } catch (IOException e) {
                throw new StorageException(
                        Reason.NOT_READABLE, DataDirectory.shard(root, shard) + " cannot be read: " + e, e);
            }
        }
        return new Totals(fileCount, length, documentCount, recordCount, counted.damageCount);
    }

    /** Why the names of channels cannot be read, or null. */
    public @Nullable String namesFailure() {
        return namesFailure;
    }

    @Override
    public void close() {
        if (names != null) {
            names.close();
        }
    }

    private static final class FindingCount implements Consumer<LogFinding> {
        private final Consumer<LogFinding> findings;
        private long damageCount;

        FindingCount(Consumer<LogFinding> findings) {
            this.findings = findings;
        }

        @Override
        public void accept(LogFinding finding) {
            damageCount += finding.kind().isDamage() ? 1 : 0;
            findings.accept(finding);
        }
    }
}
