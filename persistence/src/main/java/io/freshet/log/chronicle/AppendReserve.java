package io.freshet.log.chronicle;

import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.LinuxFiles.Reservation;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Answers, before an append touches a page of its file, whether the device has the blocks for it: a page without a block on
 * a full device is a fault in the middle of a write, which nobody can take back. The preparer reserves ahead, so that the
 * answer is a comparison; where the appender has overtaken it, the stretch is reserved here, one system call for megabytes.
 * Belongs to the shard's thread.
 *
 * <p>The first document of a file comes before there is a file to reserve blocks for: then the device must have more to
 * spare than a new file takes. Where blocks cannot be reserved at all, only the preparer's look at the device protects.
 */
final class AppendReserve implements AutoCloseable {
    /** More than Chronicle writes behind one document: the mark of the end, and an index of 64 KiB now and then. */
    static final long MARGIN_LENGTH = 256 * 1024;

    /** More than the start of a file takes: its header, two indexes, and a document. */
    static final long NEW_FILE_LENGTH = 16L << 20;

    private static final long PAGE_LENGTH = 4096;

    private final LogProgress progress;
    private final SpaceGuard space;
    private final long newFileLength;
    private final int prepareLength;
    private final @Nullable LinuxFiles linux = LinuxFiles.instance();
    private @Nullable Path file;
    private int descriptor = -1;
    private long reservedEnd;

    AppendReserve(LogProgress progress, SpaceGuard space, StorageConfig config) {
        this.progress = progress;
        this.space = space;
        newFileLength = Math.max(config.minFreeLength(), NEW_FILE_LENGTH);
        prepareLength = config.prepareLength();
    }

    /**
     * Whether a document may be appended: when the device is low, only one that lets more be freed, into what others leave free.
     *
     * @param isFirst it begins a file, or is the first since the log was opened; otherwise it lies behind {@code usedLength} bytes
     */
    boolean mayTake(int documentLength, boolean isFirst, long usedLength, boolean isFreeing) {
        if (space.isLow()) {
            boolean isReserved = !isFirst && isReserved(usedLength, documentLength);
            return isFreeing && (isReserved || hasToSpare(NEW_FILE_LENGTH));
        }
        return isFirst ? mayBegin() : mayAppend(usedLength, documentLength);
    }

    /** Whether a document that begins a file, or is the first since the log was opened, may be appended. */
    private boolean mayBegin() {
        return hasToSpare(newFileLength);
    }

    private boolean hasToSpare(long length) {
        try {
            if (space.usableLength() >= length) {
                return true;
            }
        } catch (IOException e) {
            // A device that does not answer is not one to begin a file on.
        }
        space.low(true);
        return false;
    }

    /** Whether a document of this length may be appended behind {@code usedLength} bytes of the current file. */
    private boolean mayAppend(long usedLength, int documentLength) {
        Path current = progress.file;
        LogProgress.Reserved ahead = progress.reserved;
        if (current == null || linux == null) {
            return true;
        }
        if (current != file) {
            close();
            file = current;
            reservedEnd = 0;
        }
        if (ahead != null && ahead.file() == current) {
            reservedEnd = Math.max(reservedEnd, ahead.end());
        }
        long end = usedLength + documentLength + MARGIN_LENGTH;
        return end <= reservedEnd || reserve(linux, current, usedLength & -PAGE_LENGTH, end + prepareLength);
    }

    /** Whether the preparer has reserved blocks for such a document already. */
    private boolean isReserved(long usedLength, int documentLength) {
        LogProgress.Reserved ahead = progress.reserved;
        return ahead != null
                && ahead.file().equals(progress.file)
                && usedLength + documentLength + MARGIN_LENGTH <= ahead.end();
    }

    private boolean reserve(LinuxFiles calls, Path current, long start, long end) {
        if (descriptor < 0) {
            descriptor = calls.open(current);
        }
        Reservation reservation =
                descriptor < 0 ? Reservation.UNSUPPORTED : calls.reserve(descriptor, start, end - start);
        if (reservation == Reservation.NO_SPACE) {
            space.low(true);
            return false;
        }
        reservedEnd = reservation == Reservation.DONE ? end : Long.MAX_VALUE;
        return true;
    }

    @Override
    public void close() {
        if (descriptor >= 0 && linux != null) {
            linux.close(descriptor);
            descriptor = -1;
        }
    }
}
