package io.freshet.log.chronicle;

import io.freshet.log.RecoveryReport;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the recovery of one shard's log leaves for its opening.
 *
 * @param oldestPosition of the oldest document, or {@code NULL_POSITION}
 * @param lastPosition of the last document, or {@code NULL_POSITION}
 * @param lastCycle of the last roll file, or -1
 * @param isEpochDue whether the log's end may lie behind what was visible, or the log is new
 * @param isIndexStale whether an index made before must be emptied
 */
record Recovered(
        Path directory,
        ShardState state,
        long oldestPosition,
        long lastPosition,
        int lastCycle,
        @Nullable Path lastFile,
        boolean isEpochDue,
        boolean isIndexStale,
        RecoveryReport report) {}
