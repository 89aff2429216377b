package io.freshet.log.chronicle;

import io.freshet.log.MessageLog;
import io.freshet.log.document.DocumentView;
import java.io.IOException;
import java.nio.file.Path;
import org.agrona.collections.LongArrayList;

/**
 * Finds where a log ends that has lost its power. The machine writes pages in any order, so that of what was not synced a
 * later document may be there and an earlier one not. Behind the first such hole nothing was acknowledged as synced, and to
 * keep it would leave out what its own publisher had sent before. A hole in what was synced is damage and ends nothing.
 *
 * <p>Up to where the log was synced is told by its documents, each of which carries how far that had come when it was
 * written, by the files that are known to have been left whole, and by the last opening or closing. It may be
 * more, by one sync at most. Used once, by the thread that recovers, with the files in their order.
 */
final class UnsyncedTail {
    private final LongArrayList endPositions = new LongArrayList();
    private final LongArrayList lastMissingPositions = new LongArrayList();
    private long syncedPosition;
    private long lastPosition = MessageLog.NULL_POSITION;
    private long nextPosition;
    private boolean isPreviousEnded = true;

    /** Begins with what is known to have been synced, or {@code NULL_POSITION}. */
    UnsyncedTail(long syncedPosition) {
        this.syncedPosition = syncedPosition;
    }

    /** A file that the log has left and all of which was on the device then. */
    void synced(int cycle) {
        synced(lastPosition(cycle));
    }

    /** Passes over a file that looks as it did when all of it was known to be on the device. */
    void trust(int cycle) {
        synced(cycle);
        lastPosition = lastPosition(cycle);
        isPreviousEnded = true;
    }

    /** Reads a file. What lies before the first one has been freed: only of what was on the device, and that is no hole. */
    void read(Path file, int cycle) throws IOException {
        nextPosition = RollFiles.CYCLE.toIndex(cycle, 0);
        if (lastPosition == MessageLog.NULL_POSITION) {
            lastPosition = nextPosition - 1;
        }
        if (!isPreviousEnded) {
            missing(nextPosition, nextPosition - 1);
        }
        isPreviousEnded = RollFileScan.of(file, cycle, this::onDocument).isEnded();
    }

    private void onDocument(DocumentView document) {
        long position = document.position();
        synced(document.syncedPosition());
        if (position > nextPosition) {
            missing(nextPosition, position - 1);
        }
        if (!document.isIntact()) {
            missing(position, position);
        }
        for (int run = 0; run < document.runCount(); run++) {
            if (document.previousPosition(run) > lastPosition) {
                missing(position, document.previousPosition(run));
            }
        }
        lastPosition = position;
        nextPosition = position + 1;
    }

    private void synced(long position) {
        syncedPosition = Math.max(syncedPosition, position);
    }

    private void missing(long endPosition, long lastMissingPosition) {
        if (lastMissingPosition > syncedPosition) {
            endPositions.addLong(endPosition);
            lastMissingPositions.addLong(lastMissingPosition);
        }
    }

    /** From which position on nothing is to be kept; {@code Long.MAX_VALUE} when no hole is there. */
    long endPosition() {
        for (int i = 0; i < endPositions.size(); i++) {
            if (lastMissingPositions.getLong(i) > syncedPosition) {
                return endPositions.getLong(i);
            }
        }
        return Long.MAX_VALUE;
    }

    private static long lastPosition(int cycle) {
        return RollFiles.CYCLE.toIndex(cycle + 1, 0) - 1;
    }
}
