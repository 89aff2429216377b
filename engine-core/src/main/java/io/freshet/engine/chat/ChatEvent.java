package io.freshet.engine.chat;

import io.freshet.protocol.EventKind;

/**
 * An event that names an earlier record of its channel.
 *
 * @param kind from {@link EventKind#EDIT} to {@link EventKind#UNPIN}, or {@link EventKind#POST} for a reply
 * @param sequence its own place in the channel; 0 while it has none
 * @param timestampUs when it was admitted; 0 while it was not
 * @param target the record that it names
 * @param reaction what a REACT or UNREACT says; empty otherwise
 */
public record ChatEvent(EventKind kind, long sequence, long timestampUs, long sender, long target, String reaction) {
    /** The same at the place where it was admitted. */
    ChatEvent at(long atSequence, long atTimestampUs) {
        return new ChatEvent(kind, atSequence, atTimestampUs, sender, target, reaction);
    }
}
