package io.freshet.log;

/**
 * What a log has done since it was opened.
 *
 * @param documentCount documents appended
 * @param syncCount forced syncs that succeeded
 * @param syncNs what all of them took together
 * @param longestSyncNs what the longest took
 * @param freedLength bytes of files that were removed since they are not to be kept
 */
public record LogStatistics(long documentCount, long syncCount, long syncNs, long longestSyncNs, long freedLength) {}
