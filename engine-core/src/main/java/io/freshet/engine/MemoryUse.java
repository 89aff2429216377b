package io.freshet.engine;

/**
 * What the engine holds in memory for delivery at one moment, all reactors together; {@link MemoryLimits} bounds it.
 *
 * @param windowBytes recent batches
 * @param pinnedBytes older batches that connections still hold
 * @param outboundBytes bytes in outbound queues, shared or not
 * @param coldReadCount reads of the log under way
 */
public record MemoryUse(long windowBytes, long pinnedBytes, long outboundBytes, int coldReadCount) {
    MemoryUse plus(MemoryUse other) {
        return new MemoryUse(
                windowBytes + other.windowBytes,
                pinnedBytes + other.pinnedBytes,
                outboundBytes + other.outboundBytes,
                coldReadCount + other.coldReadCount);
    }
}
