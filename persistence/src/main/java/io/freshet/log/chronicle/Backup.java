package io.freshet.log.chronicle;

import io.freshet.log.StorageException;
import io.freshet.log.StorageException.Reason;
import io.freshet.log.index.LmdbStore;
import io.freshet.log.index.StoredDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Copies a data directory, of a stopped or of a running server, to another place where a server may start on it. Changes
 * nothing in the directory, and needs no word with the server: what it reads was complete before. Erasures wait while
 * one file is copied.
 *
 * <p>Of each shard the copy has what was appended up to the moment when that shard was copied, so that everything
 * acknowledged before the beginning is there. Files that a log has left are copied byte for byte, holes kept; the one that
 * is appended to is written anew from its documents, each at its position. The index is not copied: it is built again at
 * the first start, which also checks every file and begins a new epoch, since clients may have seen more than the copy
 * has. Names of channels are copied after the logs, so that no log has a channel without a name.
 *
 * <p>Belongs to one thread, which it blocks.
 */
public final class Backup {
    /**
     * What was copied.
     *
     * @param fileCount roll files
     * @param length bytes of them, without holes and what was reserved
     * @param channelCount channels that have a name
     */
    public record Copied(int fileCount, long length, long channelCount) {}

    private final Path from;
    private final Path to;
    private final boolean isInUse;
    private final int shardCount;
    private int fileCount;
    private long length;

    private Backup(Path from, Path to) throws IOException {
        this.from = from;
        this.to = to;
        shardCount = DataDirectory.shardCount(from);
        DataDirectory.Use use = DataDirectory.use(from);
        if (use == DataDirectory.Use.THIS_PROCESS) {
            throw new StorageException(Reason.IN_USE, from + " is open in this process: copy it from another");
        }
        isInUse = use == DataDirectory.Use.ANOTHER_PROCESS;
    }

    /**
     * Copies everything. Until the last file is there and forced to the device the copy is no data directory, and no server
     * starts on it.
     *
     * @param to is made, or is empty; left as it is when the copying fails
     * @throws StorageException when there is something else, what is copied is damaged, or a file cannot be read or written
     */
    public static Copied copy(Path from, Path to) {
        try {
            Backup backup = new Backup(from, to);
            FileChannel hold = backup.isInUse ? null : DataDirectory.hold(from);
            try {
                backup.makeTarget();
                return backup.run();
            } finally {
                if (hold != null) {
                    hold.close();
                }
            }
        } catch (IOException e) {
            throw new StorageException(Reason.NOT_WRITABLE, from + " cannot be copied to " + to + ": " + e, e);
        }
    }

    private void makeTarget() throws IOException {
        if (Files.isDirectory(to)) {
            try (Stream<Path> entries = Files.list(to)) {
                if (entries.findAny().isPresent()) {
                    throw new StorageException(Reason.NOT_WRITABLE, to + " is not empty");
                }
            }
        }
        Files.createDirectories(to);
        if (to.toRealPath().startsWith(from.toRealPath())) {
            throw new StorageException(Reason.NOT_WRITABLE, to + " lies within " + from);
        }
    }

    private Copied run() throws IOException {
        for (int shard = 0; shard < shardCount; shard++) {
            copyShard(DataDirectory.shard(from, shard), DataDirectory.shard(to, shard));
        }
        long channelCount = copyNames();
        DataDirectory.mark(to, shardCount);
        Path parent = to.toAbsolutePath().getParent();
        if (parent != null) {
            RollFiles.forceDirectory(parent);
        }
        return new Copied(fileCount, length, channelCount);
    }

    private void copyShard(Path source, Path target) throws IOException {
        Path log = Files.createDirectories(target.resolve("log"));
        List<Map.Entry<Integer, Path>> files =
                new ArrayList<>(RollFiles.list(source.resolve("log")).entrySet());
        for (int i = 0; i < files.size(); i++) {
            int cycle = files.get(i).getKey();
            Path file = files.get(i).getValue();
            try {
                copyFile(source, file, cycle, log, isInUse && i + 1 == files.size());
            } catch (NoSuchFileException e) {
                if (!isInUse) {
                    throw e;
                }
                forget(log); // retention has freed it meanwhile, and everything before it
            }
        }
        Files.deleteIfExists(log.resolve(RollFiles.METADATA));
        copyState(source, target, log);
        RollFiles.forceDirectory(log);
        RollFiles.forceDirectory(target);
        RollFiles.forceDirectory(to);
    }

    /** Copies one roll file while nothing is erased in it; what an end of the server left half erased is ended in the copy. */
    private void copyFile(Path source, Path file, int cycle, Path log, boolean isGrowing) throws IOException {
        try (ErasureLock lock = isInUse ? ErasureLock.toCopy(source) : null) {
            assert lock == null || lock.isHeld();
            if (isGrowing) {
                copyGrowing(log, file, cycle);
            } else {
                copyWhole(file, log.resolve(file.getFileName()));
                new ErasureJournal(source).endInCopy(log, cycle);
            }
        }
    }

    private void forget(Path log) throws IOException {
        for (Path copied : RollFiles.list(log).values()) {
            length -= Files.size(copied);
            fileCount--;
            Files.delete(copied);
        }
    }

    private void copyWhole(Path file, Path copy) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            length += SparseCopy.copy(in, out);
            out.force(true);
        }
        fileCount++;
    }

    private void copyGrowing(Path log, Path file, int cycle) throws IOException {
        RollFileScan scan = RollFileRepair.copyGrowing(file, cycle, log);
        if (RollFileScan.isBroken(file, cycle, scan)) {
            throw new StorageException(
                    Reason.CORRUPT,
                    file + " is damaged from byte " + scan.chainEnd()
                            + " on; start the server again, which saves what can be read, and copy then");
        }
        Path copy = log.resolve(file.getFileName());
        if (Files.exists(copy)) {
            RollFileRepair.force(copy);
            length += scan.chainEnd();
            fileCount++;
        }
    }

    /**
     * Epochs are kept; everything else makes the first start look at each file and begin another epoch. All of the copy is on the
     * device, so that a hole in it is damage, unless it was copied together with the log: after a loss of power, before a start.
     */
    private static void copyState(Path source, Path target, Path log) throws IOException {
        ShardState known = ShardState.load(source.resolve("state"));
        if (known == null) {
            return;
        }
        ShardState copy = ShardState.create(target.resolve("state"), new SecureRandom().nextLong());
        known.epochs().forEach(copy::addEpoch);
        boolean isWhole = !known.isSyncFailed() && (known.isClean() || known.isSameBoot(BootId.current()));
        int lastCycle = RollFiles.list(log).keySet().stream().reduce(-1, Math::max);
        if (isWhole && lastCycle >= 0) {
            copy.opened(RollFiles.CYCLE.toIndex(lastCycle + 1, 0) - 1, null);
        }
        copy.save();
    }

    private long copyNames() throws IOException {
        Path target = Files.createDirectories(DataDirectory.channels(to));
        LmdbStore store = LmdbStore.openForReading(DataDirectory.channels(from), isInUse);
        try (StoredDirectory names = new StoredDirectory(store)) {
            store.copyTo(target);
            RollFiles.forceDirectory(target);
            return names.count();
        }
    }
}
