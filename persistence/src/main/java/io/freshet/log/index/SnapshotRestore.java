package io.freshet.log.index;

import io.freshet.log.LogFollower;
import java.util.List;
import org.agrona.DirectBuffer;

/** Takes from snapshots what documents told that the index was not built from. Belongs to the indexer's thread. */
final class SnapshotRestore implements SnapshotLayout.Visitor {
    /** What the indexer has of a channel. */
    @FunctionalInterface
    interface Blocks {
        /** The channel's last block; when nothing is known of the channel it begins with this sequence. */
        RunBlock last(long channel, long firstSequence);
    }

    private final Blocks blocks;
    private final List<LogFollower> followers;

    /** @param followers may grow later */
    SnapshotRestore(Blocks blocks, List<LogFollower> followers) {
        this.blocks = blocks;
        this.followers = followers;
    }

    /** The channel may have gone on in later documents. What was seen of it stays where it is; what should be behind it was damaged. */
    @Override
    public void onEnd(long channel, long lastSequence, long lastPosition, long lastTimeUs) {
        RunBlock block = blocks.last(channel, lastSequence + 1);
        if (block.lastSequence < lastSequence) {
            block.lastSequence = lastSequence;
            block.lastPosition = lastPosition;
        }
        block.lastTimeUs = Math.max(block.lastTimeUs, lastTimeUs);
        block.isDirty = true;
    }

    @Override
    public void onState(int id, long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
        for (LogFollower follower : followers) {
            if (follower.id() == id) {
                follower.onSnapshot(channel, key1, key2, value, offset, length);
            }
        }
    }
}
