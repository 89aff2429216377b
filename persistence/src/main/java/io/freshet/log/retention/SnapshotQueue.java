package io.freshet.log.retention;

import io.freshet.log.MessageLog;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Snapshots on their way from retention's thread, which makes them, to the thread that owns the log, which alone appends. After
 * a refusal all that waits is dropped: they stand for each other, and retention begins again.
 */
public final class SnapshotQueue {
    /** Snapshots that may wait; each is short, so that a reactor's cycle stays so. */
    private static final int CAPACITY = 16;

    private static final int APPENDS_PER_CYCLE = 2;

    private final OneToOneConcurrentArrayQueue<UnsafeBuffer> waiting = new OneToOneConcurrentArrayQueue<>(CAPACITY);
    private volatile long refusal;
    private volatile long lastPosition = MessageLog.NULL_POSITION;
    private volatile long handledCount;
    private long offeredCount;

    /** Hands on a snapshot; false when too many wait. <em>Transfers</em> it when true. Retention's thread. */
    boolean offer(UnsafeBuffer snapshot) {
        boolean isTaken = waiting.offer(snapshot);
        offeredCount += isTaken ? 1 : 0;
        return isTaken;
    }

    /** Forgets an earlier refusal. Retention's thread. */
    void begin() {
        refusal = 0;
    }

    /** Why the log did not take a snapshot since {@link #begin}, as {@link MessageLog#append} answers; 0 when it took all. */
    long refusal() {
        return refusal;
    }

    /** Whether everything offered was appended or refused, also what a round before has left. Retention's thread. */
    boolean isHandled() {
        return handledCount == offeredCount;
    }

    /** Position of the last that was appended. */
    long lastPosition() {
        return lastPosition;
    }

    /** Whether there is something for the owner to do. Any thread. */
    public boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Appends what waits, a little at a time; returns how many were appended. The owner's thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public int appendTo(MessageLog log) {
        int count = 0;
        while (count < APPENDS_PER_CYCLE) {
            UnsafeBuffer snapshot = waiting.poll();
            if (snapshot == null) {
                break;
            }
            if (refusal == 0) {
                long ordinal = log.appendSnapshot(snapshot, 0, snapshot.capacity());
                if (ordinal > 0) {
                    lastPosition = log.lastPosition();
                } else {
                    refusal = ordinal;
                }
            }
            handledCount++;
            count++;
        }
        return count;
    }
}
