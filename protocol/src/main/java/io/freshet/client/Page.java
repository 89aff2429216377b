package io.freshet.client;

import java.util.List;

/**
 * A piece of a channel's history.
 *
 * @param records ascending by sequence, in both directions; a sequence that is missing between them is gone
 * @param nextSequence where the fetch in the same direction continues; 0 when there is nothing further
 * @param posts what has become of the posts among the records, ascending by sequence, of those to which something happened; empty
 *     unless it was asked for
 * @param postsUpTo the last sequence whose event is in {@code posts}: whoever follows the channel applies what comes after it; 0 when
 *     it was not asked for
 */
public record Page(List<StoredRecord> records, long nextSequence, List<PostState> posts, long postsUpTo) {
    public Page {
        records = List.copyOf(records);
        posts = List.copyOf(posts);
    }

    /** Whether there is nothing further in this direction. */
    public boolean isLast() {
        return nextSequence == 0;
    }
}
