package io.freshet.log;

import java.io.IOException;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * The log of one shard: documents in one order, each a batch of runs of several channels.
 *
 * <p>One owner thread appends. An append returns an <em>ordinal</em> (1 for the first append of this instance, one more
 * for each) at once and completes later, in order: it is committed at a durability once {@link #completed} has reached
 * its ordinal. Nothing above may assume that the two coincide. A <em>position</em> names a document; positions rise, with
 * gaps, and mean nothing else to a caller.
 */
public interface MessageLog extends AutoCloseable {
    /** No position: nothing there. */
    long NULL_POSITION = -1;

    /** Refused, nothing was written: too little space is reserved for it. */
    long NO_SPACE = -1;

    /** Refused, nothing was written: the document is longer than {@link #maxDocumentLength}. */
    long TOO_LONG = -2;

    /** Refused, nothing was written: for a reason that may pass. */
    long FAILED = -3;

    /** It is unknown what was kept; every further append is answered so. */
    long FENCED = -4;

    /**
     * Appends one document. Owner thread. The runs' bytes are copied before this returns (<em>borrows</em>). The log
     * fills in each run's back-link; its channel must be attached.
     *
     * @return the ordinal, above 0, or one of the named refusals
     */
    long append(LogBatch batch);

    /**
     * The ordinal of the last append committed at this durability; 0 before the first. Owner thread. Also how an
     * asynchronous failure shows: once {@link #isFenced}, the value never rises again.
     */
    long completed(Durability durability);

    /** Whether an append or a sync has failed in a way that leaves open what was kept. Any thread. */
    boolean isFenced();

    /**
     * Tells where the last run of a channel lies, before its first append; owner thread.
     *
     * @param lastRunPosition position of the document with its last run, or {@link #NULL_POSITION}
     */
    void attach(long channel, long lastRunPosition);

    /** Forgets what {@link #attach} told and appends have added; returns the position of the channel's last run. */
    long detach(long channel);

    /** Longest document, envelope included, that is taken; see {@link LogBatch#documentLength}. */
    int maxDocumentLength();

    /** The epoch that appended documents carry. */
    int epoch();

    /** Every epoch that the log knows with the position of its first document, oldest first. Any thread. */
    List<EpochStart> epochs();

    /** Position of the last document written, or {@link #NULL_POSITION}; any thread. */
    long lastPosition();

    /** Position of the last document that is forced to the device, or {@link #NULL_POSITION}; any thread. */
    long syncedPosition();

    /** Sets what is run, on any thread, whenever {@link #completed} may have risen by itself or the log was fenced. */
    void completionListener(Runnable listener);

    /** A reader of its own position; the caller closes it. Any thread; the reader belongs to one thread. */
    LogReader openReader();

    /**
     * Appends a snapshot document that stands for what {@link #truncateBefore} will remove. Owner thread.
     *
     * @return as {@link #append}
     */
    long appendSnapshot(DirectBuffer snapshot, int offset, int length);

    /**
     * Appends what the storage's agents have asked the owner to append, a little at a time. Owner thread, once a cycle;
     * appends of its own are not held up by more than a few short documents.
     *
     * @return how many documents that were
     */
    default int appendRequested() {
        return 0;
    }

    /** Whether {@link #appendRequested} has something to do; the completion listener is run when that becomes so. Any thread. */
    default boolean hasRequested() {
        return false;
    }

    /**
     * Frees storage that holds only documents before {@code position}; whole files go, so that some may stay. Not on a
     * reactor.
     *
     * @return the position of the oldest document still kept, or {@link #NULL_POSITION}
     */
    long truncateBefore(long position) throws IOException;

    /**
     * Whether the index was told to forget documents that {@link #truncateBefore} has not removed yet: what it does not find meanwhile may be
     * there. Any thread.
     */
    boolean isFreeing();

    /**
     * Erases records in the document at {@code position}, at the latest in the next {@link #commitErased}: they keep their place and
     * length, their payloads are zero, and no reader is handed anything between before and after. What was kept aside of the file when
     * it was found damaged goes. One thread at a time, not on a reactor.
     *
     * @return whether anything was not erased before; false also when the document is not there
     * @throws IOException when it is unknown what was erased since the last commit: all of it is to be repeated
     */
    boolean erase(long position, Erasure erasure) throws IOException;

    /**
     * Makes everything erased so far visible and durable; many documents of one file cost little more than one. The thread that erases.
     *
     * @throws IOException when it may not be on the device: all of it is to be repeated
     */
    void commitErased() throws IOException;

    /** Removes everything of this log that was kept aside since it was damaged. One thread at a time, not on a reactor. */
    void eraseKeptAside() throws IOException;

    /** What this log has done since it was opened. Any thread. */
    LogStatistics statistics();

    /** What opening this log found and did. */
    RecoveryReport recovery();

    /** Syncs and closes. Idempotent. */
    @Override
    void close();

    /** The first document of an epoch. */
    record EpochStart(int epoch, long position) {}
}
