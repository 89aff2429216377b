package io.freshet.engine.channel;

import io.freshet.engine.Access;
import org.jspecify.annotations.Nullable;

/** A channel that somebody may know of, and what they may do with it. */
record ReachedChannel(long channel, String name, Access access, KnownChannel known) {
    @Nullable
    KnownAttributes attributes() {
        return known.attributes();
    }
}
