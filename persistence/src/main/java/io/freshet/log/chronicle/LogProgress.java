package io.freshet.log.chronicle;

import io.freshet.log.LogStatistics;
import io.freshet.log.MessageLog;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How far a log has been appended and synced: what its owner publishes to the syncer and the preparer, and back. Each
 * field says who writes it; any thread reads.
 */
final class LogProgress {
    /** Written by the owner, by {@link #appended}. */
    final AtomicLong lastPosition = new AtomicLong(MessageLog.NULL_POSITION);

    final AtomicLong appendedOrdinal = new AtomicLong();

    /** Bytes of the current file that are in use; set to 0 before another becomes current. Owner. */
    final AtomicLong usedLength = new AtomicLong();

    /** The owner asks for a sync up to this ordinal. */
    volatile long wantedOrdinal;

    /** The file that is appended to. Owner. */
    volatile @Nullable Path file;

    /** How far blocks are reserved, and in which file. Written by the preparer. */
    volatile @Nullable Reserved reserved;

    /** Blocks of a file that are reserved up to this offset. */
    record Reserved(Path file, long end) {}

    /** Files that were left since the last sync; the owner adds, the syncer takes. One an hour, so that it needs no bound. */
    final Queue<LeftFile> leftFiles = new ConcurrentLinkedQueue<>();

    /** A file that was left, and the bytes of it that are in use, apart from the mark of its end. */
    record LeftFile(Path file, long usedLength) {}

    /** Written by the syncer. */
    volatile long syncedOrdinal;

    volatile long syncedPosition = MessageLog.NULL_POSITION;
    /** Written by whoever syncs, of which there is one at a time. */
    private volatile long syncCount;

    private volatile long syncNs;
    private volatile long longestSyncNs;

    /** Set once, by the owner or the syncer. */
    volatile boolean isFenced;

    /** Documents before it are gone or about to go; written by whoever truncates. */
    volatile long oldestPosition = MessageLog.NULL_POSITION;

    /** Set when the index is told of documents that go, unset when they are gone; written by whoever truncates. */
    volatile boolean isFreeing;

    /** Cycle of the first file that the log ever had; set when it is opened. */
    volatile int firstCycle;

    /** Bytes of files that were removed; written by whoever truncates. */
    private volatile long freedLength;

    private volatile Runnable listener = () -> {};

    void listener(Runnable completionListener) {
        listener = completionListener;
    }

    /** Tells the owner that there is something to look at. */
    void wakeOwner() {
        listener.run();
    }

    /** Whether nothing has been freed, nor is about to be. */
    boolean isWhole() {
        long oldest = oldestPosition;
        return oldest == MessageLog.NULL_POSITION || RollFiles.CYCLE.toCycle(oldest) == firstCycle;
    }

    /** Documents before this position are about to go. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void expireBefore(long position) {
        isFreeing = true; // before anybody may be told to forget them
        oldestPosition = Math.max(oldestPosition, position);
    }

    /** Files of so many bytes are gone. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void freed(long lengthBytes, long firstPosition) {
        freedLength += lengthBytes;
        oldestPosition = firstPosition;
    }

    void fence() {
        isFenced = true;
        listener.run();
    }

    /** Counts a sync that took this long. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void timed(long ns) {
        syncCount++;
        syncNs += ns;
        longestSyncNs = Math.max(longestSyncNs, ns);
    }

    LogStatistics statistics() {
        return new LogStatistics(appendedOrdinal.get(), syncCount, syncNs, longestSyncNs, freedLength);
    }

    /** Tells of an append: the position first, so that who takes the ordinal first has a position that is not behind. Owner. */
    void appended(long ordinal, long position) {
        lastPosition.lazySet(position);
        appendedOrdinal.lazySet(ordinal);
        if (oldestPosition == MessageLog.NULL_POSITION) {
            oldestPosition = position;
        }
    }

    void synced(long ordinal, long position) {
        syncedPosition = position;
        syncedOrdinal = ordinal;
        listener.run();
    }
}
