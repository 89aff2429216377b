package io.freshet.client.chat;

import io.freshet.client.StoredRecord;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a server's views know of a message that something happened to.
 *
 * @param edit the record of the last edit, or null
 * @param editedUs when that was; 0 when it never was
 */
record MessageView(
        long sequence,
        long editedUs,
        @Nullable StoredRecord edit,
        boolean isDeleted,
        boolean isPinned,
        SortedMap<String, ReactionCount> reactions) {}
