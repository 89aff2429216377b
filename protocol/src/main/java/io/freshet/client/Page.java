package io.freshet.client;

import java.util.List;

/**
 * A piece of a channel's history.
 *
 * @param records ascending by sequence, in both directions; a sequence that is missing between them is gone
 * @param nextSequence where the fetch in the same direction continues; 0 when there is nothing further
 */
public record Page(List<StoredRecord> records, long nextSequence) {
    public Page {
        records = List.copyOf(records);
    }

    /** Whether there is nothing further in this direction. */
    public boolean isLast() {
        return nextSequence == 0;
    }
}
