package io.freshet.engine.notice;

import io.freshet.protocol.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How notices get into an inbox. */
@FunctionalInterface
public interface NoticePublisher {
    /**
     * Appends notices to an inbox in this order, until one is refused. For one inbox one call at a time.
     *
     * @param inbox id of the channel
     * @param payloads of the records; not written to any more
     * @param outcome told once, on any thread
     */
    void publish(long inbox, List<byte[]> payloads, Outcome outcome);

    /** Learns what became of notices. */
    @FunctionalInterface
    interface Outcome {
        /**
         * The first so many are committed; the others are not, unless the refusal says that nobody knows.
         *
         * @param refusal why not all are; null when all are
         */
        void onDone(int committedCount, @Nullable ErrorCode refusal);
    }
}
