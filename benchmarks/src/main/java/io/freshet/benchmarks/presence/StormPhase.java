package io.freshet.benchmarks.presence;

import java.util.Map;

/**
 * What happened in a part of a storm.
 *
 * @param name what the users did
 * @param durationNs from its beginning until everybody had an answer
 * @param pushCount updates that were pushed to all users together
 * @param pushBytes what was in them, without frames
 * @param failureCount users that could not come
 * @param busyNsByThread how long each of the server's threads was on a processor; empty when its process is not known
 */
public record StormPhase(
        String name,
        long durationNs,
        long pushCount,
        long pushBytes,
        long failureCount,
        Map<String, Long> busyNsByThread) {
    public StormPhase {
        busyNsByThread = Map.copyOf(busyNsByThread);
    }
}
