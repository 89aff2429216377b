package io.freshet.log.chronicle;

import io.freshet.log.chronicle.LogProgress.LeftFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces one log's roll files to the device: one fdatasync covers everything appended before it began, and on Linux also
 * what was written through a mapping. Belongs to the syncer's thread, and to the log's while no syncer runs.
 */
final class LogSync implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(LogSync.class);

    private static final long PAGE_LENGTH = 4096;

    /** More than the mark of the end takes, and Chronicle's last index. */
    private static final long END_MARGIN_LENGTH = 256 * 1024;

    /** More than is ever reserved behind the end. */
    private static final long MAX_RESERVED_LENGTH = 128L << 20;

    private final LogProgress progress;
    private final ShardState state;
    private final Path directory;
    private final long intervalNs;
    private final LongSupplier nanoClock;
    private long lastSyncNs;
    private boolean isFailureUnnoted;
    private @Nullable Path openFile;
    private @Nullable FileChannel channel;

    LogSync(LogProgress progress, ShardState state, Path directory, long intervalNs, LongSupplier nanoClock) {
        this.progress = progress;
        this.state = state;
        this.directory = directory;
        this.intervalNs = intervalNs;
        this.nanoClock = nanoClock;
        lastSyncNs = nanoClock.getAsLong();
    }

    boolean isWanted() {
        return !progress.isFenced && progress.wantedOrdinal > progress.syncedOrdinal;
    }

    /** Syncs when somebody waits for it or the interval has passed; returns the work done. */
    int doWork(long nowNs) {
        if (isFailureUnnoted && nowNs - lastSyncNs >= intervalNs) {
            lastSyncNs = nowNs;
            noteFailure();
        }
        if (progress.isFenced) {
            return 0;
        }
        if (progress.appendedOrdinal.get() <= progress.syncedOrdinal) {
            lastSyncNs = nowNs;
            return 0;
        }
        if (!isWanted() && nowNs - lastSyncNs < intervalNs) {
            return 0;
        }
        lastSyncNs = nowNs;
        return sync() ? 1 : 0;
    }

    /** Forces everything appended so far; a failure fences the log for ever, since what was kept is unknown then. */
    boolean sync() {
        if (progress.isFenced) {
            return false;
        }
        long ordinal = progress.appendedOrdinal.get();
        long position = progress.lastPosition.get();
        long startNs = nanoClock.getAsLong();
        try {
            force();
        } catch (IOException | RuntimeException e) {
            LOGGER.error("sync of {} failed, its log is fenced", directory, e);
            noteFailure();
            progress.fence();
            return false;
        }
        progress.timed(nanoClock.getAsLong() - startNs);
        progress.synced(ordinal, position);
        return true;
    }

    /** The current file is looked at first: were it left in between, it would be missing among both. */
    private void force() throws IOException {
        Path file = progress.file;
        boolean hasRolled = false;
        for (LeftFile left = progress.leftFiles.peek(); left != null; left = progress.leftFiles.peek()) {
            if (Files.exists(left.file())) {
                releaseRest(left.file(), left.usedLength());
                open(left.file()).force(false);
                seal(left.file());
            }
            progress.leftFiles.remove();
            hasRolled = true;
        }
        if (file != null) {
            hasRolled |= !file.equals(openFile);
            open(file).force(false);
        }
        if (hasRolled) {
            RollFiles.forceDirectory(directory);
        }
    }

    /** To know that a file is intact saves reading it at the next start, and no more: it must not fence the log. */
    private void seal(Path file) throws IOException {
        try {
            state.sealed(file);
        } catch (UncheckedIOException e) {
            LOGGER.warn("{} is on the device, and that cannot be noted", file, e);
        }
    }

    /**
     * After a failed sync the kernel takes pages for clean that never reached the device, and the next sync succeeds
     * without them. So the next start must write again what it reads, before it believes a sync. A device that fails may
     * not take the note at once either; it is tried again until the log is closed.
     */
    private void noteFailure() {
        try {
            state.saveSyncFailed();
            isFailureUnnoted = false;
        } catch (UncheckedIOException e) {
            if (!isFailureUnnoted) {
                LOGGER.error("the failed sync of {} cannot be noted yet", directory, e);
            }
            isFailureUnnoted = true;
        }
    }

    /** Gives back what was reserved behind the end of a file that is not appended to any more. */
    static void releaseRest(Path file, long usedLength) throws IOException {
        LinuxFiles linux = LinuxFiles.instance();
        int descriptor = linux == null || usedLength == 0 ? -1 : linux.open(file);
        if (linux != null && descriptor >= 0) {
            long start = (usedLength + END_MARGIN_LENGTH + PAGE_LENGTH - 1) & -PAGE_LENGTH;
            linux.release(descriptor, start, Math.max(Files.size(file), start + MAX_RESERVED_LENGTH) - start);
            linux.close(descriptor);
        }
    }

    private FileChannel open(Path file) throws IOException {
        FileChannel current = channel;
        if (current == null || !file.equals(openFile)) {
            closeFile();
            current = FileChannel.open(file, StandardOpenOption.WRITE);
            channel = current;
            openFile = file;
        }
        return current;
    }

    @Override
    public void close() throws IOException {
        if (isFailureUnnoted) {
            noteFailure();
        }
        closeFile();
    }

    private void closeFile() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
            openFile = null;
        }
    }
}
