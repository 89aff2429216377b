package io.freshet.engine.delivery;

import io.freshet.engine.routing.Batch;
import org.jspecify.annotations.Nullable;

/** A batch in the recent window: a link of the list over all channels, oldest first. Owned by its window. */
final class WindowEntry {
    /** What an entry takes beside the frames: itself, its batch, the buffer's own objects, one of them shared out to this reactor. */
    private static final int OVERHEAD_BYTES = 256;

    private final Feed feed;
    private final Batch batch;

    @Nullable
    WindowEntry older;

    @Nullable
    WindowEntry newer;

    WindowEntry(Feed feed, Batch batch) {
        this.feed = feed;
        this.batch = batch;
    }

    Feed feed() {
        return feed;
    }

    Batch batch() {
        return batch;
    }

    /** Bytes it keeps from being freed. */
    int heldBytes() {
        return OVERHEAD_BYTES + batch.frames().capacity();
    }
}
