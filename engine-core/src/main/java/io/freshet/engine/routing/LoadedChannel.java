package io.freshet.engine.routing;

import java.util.Map;

/** A channel's state as it was read off the reactor, handed to the shard that will own it. */
final class LoadedChannel {
    final long firstSequence;
    final long lastSequence;
    final long lastPosition;
    final long lastTimeUs;
    final Map<NonceKey, NonceWindow> windows;

    LoadedChannel(
            long firstSequence,
            long lastSequence,
            long lastPosition,
            long lastTimeUs,
            Map<NonceKey, NonceWindow> windows) {
        this.firstSequence = firstSequence;
        this.lastSequence = lastSequence;
        this.lastPosition = lastPosition;
        this.lastTimeUs = lastTimeUs;
        this.windows = windows;
    }
}
