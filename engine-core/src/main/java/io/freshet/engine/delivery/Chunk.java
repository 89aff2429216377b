package io.freshet.engine.delivery;

import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;

/**
 * What one cold read found from a sequence on: perhaps a hole, then consecutive records.
 *
 * @param gapCount sequences that cannot be had, before the first record; 0 mostly
 * @param gapReason why, when {@code gapCount} is not 0
 * @param frames whole RECORD frames; owned by whoever holds the chunk
 * @param count records in {@code frames}
 * @param lastPosition log position from which a scan finds what follows, that of the last of them mostly; {@code NULL_POSITION}
 *     when there is nothing new to know
 */
record Chunk(long gapCount, GapReason gapReason, ByteBuf frames, int count, long lastPosition) {
    /** Whether it ended for want of room, as far as its length tells. */
    boolean isFull() {
        return frames.readableBytes() > ShardScan.CHUNK_LENGTH / 2;
    }
}
