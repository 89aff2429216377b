package io.freshet.log;

/**
 * How an index keeps up with its log.
 *
 * @param lagCount documents appended that a lookup made now does not take into account
 * @param checkpointCount checkpoints written since it was opened
 * @param checkpointNs what all of them took together
 * @param expiredCount records that it has forgotten since it was opened, because their documents went
 * @param isStopped whether its last checkpoint failed; it tries again, from the one before
 */
public record IndexStatistics(
        long lagCount, long checkpointCount, long checkpointNs, long expiredCount, boolean isStopped) {}
