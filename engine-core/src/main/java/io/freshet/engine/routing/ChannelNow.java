package io.freshet.engine.routing;

import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.chat.PinBoard;
import org.jspecify.annotations.Nullable;

/** What a channel whose state is in memory is at the moment, as far as it is committed. On the shard's thread, and not to be kept. */
public interface ChannelNow {
    /** The last sequence that may be seen. */
    long committedHead();

    /** The first sequence that is kept. */
    long firstSequence();

    /** What the channel is; null where nothing says so. */
    @Nullable
    KnownAttributes knownAttributes();

    /** What has become of pins. */
    enum Pins {
        AS_BEFORE,
        CHANGED,
        /** Too much has come since they were read: they are to be read anew. */
        UNKNOWN
    }

    /** Has these pins follow what was committed since. */
    Pins follow(PinBoard pins);
}
