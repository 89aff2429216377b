package io.freshet.engine.delivery;

import io.freshet.log.MessageLog;

/**
 * Where the reads of one subscription go on that were asked for one behind the other: the second begins where the first
 * has ended, which only the reader knows. Belongs to the reader's thread once the first was asked for.
 */
final class ReadPlace {
    private final long channel;
    private long next;
    private long hintPosition;

    ReadPlace(long channel, long next, long hintPosition) {
        this.channel = channel;
        this.next = next;
        this.hintPosition = hintPosition;
    }

    /** Reads on up to {@code limit}; an empty chunk when earlier reads have come that far. */
    Chunk readOn(ShardScan scan, long limit) {
        Chunk chunk = scan.readChunk(channel, next, limit, hintPosition);
        next += chunk.gapCount() + chunk.count();
        if (chunk.lastPosition() != MessageLog.NULL_POSITION) {
            hintPosition = chunk.lastPosition();
        }
        return chunk;
    }
}
