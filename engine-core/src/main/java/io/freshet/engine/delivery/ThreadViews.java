package io.freshet.engine.delivery;

import io.freshet.engine.channel.AttributesFollower;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.chat.ChatViews;
import io.freshet.log.IndexReader;
import io.freshet.protocol.v1.ThreadView;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** What is told of threads beside their posts, each read from the shard that the thread is of. Owned by the reader's thread. */
final class ThreadViews {
    private final LongFunction<IndexReader> indexes;

    /** @param indexes gives the index of a channel's shard */
    ThreadViews(LongFunction<IndexReader> indexes) {
        this.indexes = indexes;
    }

    /**
     * The thread as far as the index of its shard knows, all of one moment; null when it is deleted.
     *
     * @param title of one that the index does not know
     */
    @Nullable
    ThreadView view(long thread, String title) {
        IndexReader index = indexes.apply(thread);
        return index.together(() -> {
            KnownAttributes attributes = AttributesFollower.read(index, thread);
            if (attributes != null && attributes.isDeleted()) {
                return null;
            }
            return new ChatViews(index)
                    .thread(thread)
                    .setTitle(attributes == null ? title : attributes.message().getTitle())
                    .build();
        });
    }
}
