package io.freshet.log.index;

import io.freshet.log.MessageLog;

/** What an index needs of the log that it follows. */
public interface IndexedLog {
    MessageLog log();

    /** Distinguishes this log from any other; an index of another one is of no use. */
    long logId();

    /** Documents before this position are gone or about to go, or {@link MessageLog#NULL_POSITION}. Any thread. */
    long oldestPosition();

    /**
     * Whether nothing of the log has ever been freed, nor is about to: then every channel began with its first record, and one that
     * is not there was damaged. Any thread.
     */
    boolean isWhole();

    /** Forces everything appended so far to the device; blocks. Before the syncer runs. */
    void sync();
}
