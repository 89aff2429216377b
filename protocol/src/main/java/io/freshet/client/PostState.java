package io.freshet.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What has become of a post since it was posted, as a {@link Page} tells it.
 *
 * @param sequence of the post
 * @param editedUs when it was edited last, microseconds since 1970 UTC; 0 when it never was, or is deleted
 * @param edit the event of that edit, whose payload is an {@code Edit}: what the post says now; null when it was not edited, is
 *     deleted, or the event cannot be read
 * @param reactions those that somebody has; none of a deleted post
 * @param thread what is said about it elsewhere; null when it has no thread, or that is deleted
 */
public record PostState(
        long sequence,
        long editedUs,
        @Nullable StoredRecord edit,
        boolean isDeleted,
        boolean isPinned,
        List<ReactionCount> reactions,
        @Nullable ThreadState thread) {
    public PostState {
        reactions = List.copyOf(reactions);
    }

    /**
     * How many have a reaction.
     *
     * @param isOwn whether this client's principal is one of them
     */
    public record ReactionCount(String reaction, int count, boolean isOwn) {}
}
