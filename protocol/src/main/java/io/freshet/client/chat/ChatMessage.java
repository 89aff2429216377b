package io.freshet.client.chat;

import io.freshet.protocol.v1.Content;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A message as a person sees it now.
 *
 * @param sequence its place in the channel, by which it is named
 * @param sender id of the principal that wrote it
 * @param timestampUs when, microseconds since 1970 UTC
 * @param content what it says since its last edit; empty when {@code isDeleted} or {@code isErased}
 * @param editedUs when it was edited last; 0 when it never was
 * @param isDeleted whether it was deleted; its place stays
 * @param isErased whether what it said was wiped by the server without deleting it
 * @param isPinned whether it is pinned
 * @param reactions by their names, in the order of these
 */
public record ChatMessage(
        long sequence,
        long sender,
        long timestampUs,
        Content content,
        long editedUs,
        boolean isDeleted,
        boolean isErased,
        boolean isPinned,
        SortedMap<String, ReactionCount> reactions) {
    public ChatMessage {
        reactions = Collections.unmodifiableSortedMap(new TreeMap<>(reactions));
    }

    /** What it says. */
    public String text() {
        return content.getText();
    }

    /** Sequence of the message that it answers; 0 when it answers none. */
    public long replyTo() {
        return content.getReplyTo();
    }

    public boolean isEdited() {
        return editedUs != 0;
    }
}
