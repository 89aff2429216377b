package io.freshet.engine.routing;

import io.freshet.engine.channel.KnownAttributes;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A channel's state as it was read off the reactor, handed to the shard that will own it. */
final class LoadedChannel {
    final long firstSequence;
    final long lastSequence;
    final long lastPosition;
    final long lastTimeUs;
    final Map<NonceKey, NonceWindow> windows;
    /** Null when the channel has none. */
    final @Nullable KnownAttributes attributes;

    LoadedChannel(
            long firstSequence,
            long lastSequence,
            long lastPosition,
            long lastTimeUs,
            Map<NonceKey, NonceWindow> windows,
            @Nullable KnownAttributes attributes) {
        this.firstSequence = firstSequence;
        this.lastSequence = lastSequence;
        this.lastPosition = lastPosition;
        this.lastTimeUs = lastTimeUs;
        this.windows = windows;
        this.attributes = attributes;
    }
}
