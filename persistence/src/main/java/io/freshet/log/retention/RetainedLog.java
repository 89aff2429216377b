package io.freshet.log.retention;

import io.freshet.log.MessageLog;
import java.io.IOException;
import java.util.List;

/** What retention needs of the log that it shortens. Any thread. */
public interface RetainedLog {
    MessageLog log();

    /** The files of the log, oldest first; the last is the one that is appended to. */
    List<LogFile> files() throws IOException;

    /** Where snapshots wait for the log's owner. */
    SnapshotQueue snapshots();

    /** Wakes the owner of the log, who is to look at what waits. */
    void wakeOwner();

    /** Says that documents before this position are about to go, so that the index forgets them first. */
    void expireBefore(long position);
}
