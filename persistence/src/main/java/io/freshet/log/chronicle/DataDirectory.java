package io.freshet.log.chronicle;

import io.freshet.log.StorageException;
import io.freshet.log.StorageException.Reason;
import java.io.IOException;
import java.io.StringReader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory that holds everything of one engine: marked as ours with its version and shard count, and locked against
 * a second owner. Belongs to the thread that opens and closes the storage.
 *
 * <pre>
 *   freshet.properties    format, version, shard count
 *   owner.lock            locked while it is open
 *   channels/             the channel directory
 *   shard-0/log/          roll files
 *   shard-0/index/        its index, which may be deleted
 *   shard-0/state         epochs, how it was closed
 *   shard-0/damaged/      roll files that were replaced by what could be read of them
 * </pre>
 */
final class DataDirectory implements AutoCloseable {
    static final String FORMAT = "freshet-data";
    static final int VERSION = 1;
    private static final String MARK = "freshet.properties";
    private static final String LOCK = "owner.lock";

    /**
     * The directories that this process has open. A lock on a file goes when the process closes any descriptor of that
     * file, so that its own lock must not be found out by trying it.
     */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    /** Who has a directory open. */
    enum Use {
        NOBODY,
        ANOTHER_PROCESS,
        THIS_PROCESS
    }

    private final Path root;
    private final Path realRoot;
    private final FileChannel lockChannel;
    private final FileLock lock;

    private DataDirectory(Path root, Path realRoot, FileChannel lockChannel, FileLock lock) {
        this.root = root;
        this.realRoot = realRoot;
        this.lockChannel = lockChannel;
        this.lock = lock;
    }

    /** Locks the directory, makes it when it is missing or empty, and checks that it is of this format. */
    static DataDirectory open(Path root, int shardCount) {
        boolean isNew = checkContents(root);
        DataDirectory directory = lock(root);
        try {
            if (isNew && !Files.exists(root.resolve(MARK))) {
                directory.mark(shardCount);
            } else {
                directory.checkMark(shardCount);
            }
            return directory;
        } catch (IOException e) {
            directory.close();
            throw notWritable(root, e);
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** Whether the directory is still to be made ours; what is not ours is left untouched. */
    private static boolean checkContents(Path root) {
        try {
            if (Files.exists(root, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(root)) {
                throw new StorageException(Reason.NOT_FRESHET, root + " is not a directory");
            }
            if (!Files.exists(root)) {
                Files.createDirectories(root);
                return true;
            }
            Set<String> names = names(root);
            if (names.contains(MARK)) {
                return false;
            }
            names.remove(LOCK);
            names.remove(MARK + ".next");
            if (!names.isEmpty()) {
                throw new StorageException(
                        Reason.NOT_FRESHET,
                        root + " holds other files (" + names.iterator().next() + ") and no " + MARK
                                + "; it was left untouched");
            }
            return true;
        } catch (IOException e) {
            throw notWritable(root, e);
        }
    }

    private static Set<String> names(Path root) throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static DataDirectory lock(Path root) {
        Path realRoot = claim(root);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new DataDirectory(root, realRoot, channel, lock);
            }
            throw new StorageException(Reason.IN_USE, root + " is in use by another process");
        } catch (IOException e) {
            release(realRoot, channel);
            throw notWritable(root, e);
        } catch (RuntimeException e) {
            release(realRoot, channel);
            throw e;
        }
    }

    private static Path claim(Path root) {
        try {
            Path realRoot = root.toRealPath();
            if (!OPEN.add(realRoot)) {
                throw new StorageException(Reason.IN_USE, root + " is in use by this process");
            }
            return realRoot;
        } catch (IOException e) {
            throw notWritable(root, e);
        }
    }

    private static void release(Path realRoot, @Nullable FileChannel channel) {
        closeQuietly(channel);
        OPEN.remove(realRoot);
    }

    /** Who has the directory open at this moment. Changes nothing. */
    static Use use(Path root) throws IOException {
        if (OPEN.contains(root.toRealPath())) {
            return Use.THIS_PROCESS;
        }
        Path file = root.resolve(LOCK);
        if (!Files.exists(file)) {
            return Use.NOBODY;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return lock == null ? Use.ANOTHER_PROCESS : Use.NOBODY;
        }
    }

    /** Keeps others from opening the directory until it is closed; null where nobody has ever opened it. */
    static @Nullable FileChannel hold(Path root) throws IOException {
        Path file = root.resolve(LOCK);
        if (!Files.exists(file)) {
            return null;
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        if (channel.tryLock(0, Long.MAX_VALUE, true) == null) {
            channel.close();
            throw new StorageException(Reason.IN_USE, root + " has just been opened by another process");
        }
        return channel;
    }

    /**
     * How many shards the directory was made with. Changes nothing.
     *
     * @throws StorageException when it is no data directory of this version
     */
    static int shardCount(Path root) throws IOException {
        Path mark = root.resolve(MARK);
        if (!Files.isRegularFile(mark)) {
            throw new StorageException(Reason.NOT_FRESHET, root + " is no data directory: it has no " + MARK);
        }
        String shards = loadMark(root).getProperty("shard-count", "");
        if (!shards.matches("[1-9]\\d?")) {
            throw new StorageException(Reason.CORRUPT, mark + " says '" + shards + "' shards");
        }
        return Integer.parseInt(shards);
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // The first failure is the one to tell.
        }
    }

    private void mark(int shardCount) throws IOException {
        mark(root, shardCount);
    }

    /** Makes a directory that holds everything else ours, durably. */
    static void mark(Path root, int shardCount) throws IOException {
        DurableFile.replace(
                root.resolve(MARK), "format=" + FORMAT + "\nversion=" + VERSION + "\nshard-count=" + shardCount + "\n");
    }

    private static Properties loadMark(Path root) throws IOException {
        Properties mark = new Properties();
        mark.load(new StringReader(Files.readString(root.resolve(MARK), StandardCharsets.ISO_8859_1)));
        String format = mark.getProperty("format", "");
        if (!format.equals(FORMAT)) {
            throw new StorageException(Reason.NOT_FRESHET, root + " is of format '" + format + "', not " + FORMAT);
        }
        String version = mark.getProperty("version", "");
        if (!version.equals(Integer.toString(VERSION))) {
            throw new StorageException(
                    Reason.WRONG_VERSION,
                    root + " is of format version '" + version + "'; this program knows version " + VERSION);
        }
        return mark;
    }

    private void checkMark(int shardCount) throws IOException {
        String shards = loadMark(root).getProperty("shard-count", "");
        if (!shards.equals(Integer.toString(shardCount))) {
            throw new StorageException(
                    Reason.SHARD_COUNT_MISMATCH,
                    root + " was made with " + shards + " shards, and not with the configured " + shardCount);
        }
    }

    private static StorageException notWritable(Path root, IOException e) {
        return new StorageException(Reason.NOT_WRITABLE, root + " cannot be written: " + e, e);
    }

    Path channels() {
        return channels(root);
    }

    Path shard(int shard) {
        return shard(root, shard);
    }

    static Path channels(Path root) {
        return root.resolve("channels");
    }

    static Path shard(Path root, int shard) {
        return root.resolve("shard-" + shard);
    }

    @Override
    public void close() {
        try {
            lock.close();
            lockChannel.close();
        } catch (IOException e) {
            // The lock goes with the process.
        } finally {
            OPEN.remove(realRoot);
        }
    }

    /** Deletes a directory, if it is there, and all that is in it; durably. */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> entries;
        try (Stream<Path> tree = Files.walk(directory)) {
            entries = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path entry : entries) {
            Files.delete(entry);
        }
        RollFiles.forceDirectory(directory.resolveSibling("."));
    }
}
