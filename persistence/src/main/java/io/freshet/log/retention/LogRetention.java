package io.freshet.log.retention;

import io.freshet.log.MessageLog;
import io.freshet.log.Retention;
import io.freshet.log.index.IndexSnapshots;
import io.freshet.log.index.ShardIndex;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shortens one log, in steps each of which leaves a log that opens and answers right, whatever ends the process between two:
 * <ol>
 *   <li>the index has read all that is to go;
 *   <li>what it keeps and cannot be folded from the rest of the log (where channels end, followers' states) is appended as
 *       snapshots, and synced;
 *   <li>the index forgets the documents that are to go, durably: from now on they are <em>expired</em> and not missing;
 *   <li>their files are removed, the oldest first.
 * </ol>
 * Begun anew after an end in the middle, it does no harm. Belongs to retention's thread.
 */
public final class LogRetention implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(LogRetention.class);

    private enum Step {
        NONE,
        INDEXING,
        WRITING,
        SYNCING,
        PRUNING
    }

    private final RetainedLog retained;
    private final ShardIndex index;
    private final Retention retention;
    private final long lengthBytes;
    private final LongSupplier epochMsClock;
    private @Nullable IndexSnapshots snapshots;
    private @Nullable UnsafeBuffer unsent;
    private Step step = Step.NONE;
    private long cut;

    /** Where the log ended when it was decided what goes: behind all of that. */
    private long endPosition;

    /** @param lengthBytes this log's part of the bytes that all logs may take */
    public LogRetention(
            RetainedLog retained, ShardIndex index, Retention retention, long lengthBytes, LongSupplier epochMsClock) {
        this.retained = retained;
        this.index = index;
        this.retention = retention;
        this.lengthBytes = lengthBytes;
        this.epochMsClock = epochMsClock;
    }

    /**
     * Frees what the index has forgotten: the process may have ended before it came to that, and what the index does not know nobody would
     * ever erase. Before the log is used.
     */
    public static void endWhatHasBegun(RetainedLog retained, ShardIndex index) throws IOException {
        if (index.prunedPosition() != MessageLog.NULL_POSITION) {
            retained.log().truncateBefore(index.prunedPosition());
        }
    }

    /** Begins, when something is to go and nothing is under way. */
    void look() {
        if (step != Step.NONE || retained.log().isFenced()) {
            return;
        }
        try {
            long end = endOfWhatGoes(retained.files());
            if (end != MessageLog.NULL_POSITION) {
                cut = end;
                endPosition = retained.log().lastPosition();
                step = Step.INDEXING;
            }
        } catch (IOException e) {
            LOGGER.warn("the files of a log cannot be listed, nothing is freed", e);
        }
    }

    /** Everything before this position is to go; {@link MessageLog#NULL_POSITION} when nothing is. */
    private long endOfWhatGoes(List<LogFile> files) {
        long ageMs = retention.ageMs();
        long olderThanMs = ageMs == Long.MAX_VALUE ? Long.MIN_VALUE : epochMsClock.getAsLong() - ageMs;
        long length = files.stream().mapToLong(LogFile::lengthBytes).sum();
        long end = MessageLog.NULL_POSITION;
        for (int i = 0; i < files.size(); i++) {
            LogFile file = files.get(i);
            boolean isTooMuch = length > lengthBytes && i + 1 < files.size();
            if (file.endTimeMs() > olderThanMs && !isTooMuch) {
                break;
            }
            end = file.endPosition();
            length -= file.lengthBytes();
        }
        return end;
    }

    /** An index that lags would tell less than it has when the files go. */
    private int begin() {
        if (index.indexedPosition() < endPosition) {
            return 0;
        }
        retained.snapshots().begin();
        if (snapshots == null) {
            snapshots = index.openSnapshots();
        }
        snapshots.start(cut);
        unsent = null;
        step = Step.WRITING;
        return 1;
    }

    /** Goes on with what is under way; returns the work done. */
    int doStep() {
        try {
            return switch (step) {
                case NONE -> 0;
                case INDEXING -> begin();
                case WRITING -> write();
                case SYNCING -> awaitSync();
                case PRUNING -> free();
            };
        } catch (IOException | RuntimeException e) {
            LOGGER.warn("retention broke off and begins again later", e);
            step = Step.NONE;
            return 0;
        }
    }

    private int write() {
        if (isRefused()) {
            return 0;
        }
        if (unsent == null) {
            unsent = snapshots == null ? null : snapshots.next();
            if (unsent == null) {
                step = Step.SYNCING;
                return 1;
            }
        }
        if (!retained.snapshots().offer(unsent)) {
            return 0;
        }
        unsent = null;
        retained.wakeOwner();
        return 1;
    }

    /** The next look begins again: space may have come, or the log has failed for good. */
    private boolean isRefused() {
        if (retained.snapshots().refusal() == 0 && !retained.log().isFenced()) {
            return false;
        }
        LOGGER.warn("the log takes no snapshot, nothing is freed; tried again later");
        step = Step.NONE;
        return true;
    }

    private int awaitSync() {
        boolean isHandled = retained.snapshots().isHandled(); // before it is asked whether one was refused
        if (isRefused() || !isHandled) {
            return 0;
        }
        // The index has passed the snapshots as well: then it has passed everything that goes.
        long last = retained.snapshots().lastPosition();
        if (retained.log().syncedPosition() < last || index.indexedPosition() < last) {
            return 0;
        }
        retained.expireBefore(cut);
        step = Step.PRUNING;
        return 1;
    }

    private int free() throws IOException {
        if (index.prunedPosition() < cut) {
            return 0;
        }
        step = Step.NONE;
        retained.log().truncateBefore(cut);
        return 1;
    }

    @Override
    public void close() {
        if (snapshots != null) {
            snapshots.close();
            snapshots = null;
        }
    }
}
