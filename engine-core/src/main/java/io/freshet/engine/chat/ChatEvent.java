package io.freshet.engine.chat;

import io.freshet.protocol.EventKind;

/**
 * An event that names an earlier record of its channel.
 *
 * @param kind from {@link EventKind#EDIT} to {@link EventKind#UNPIN}
 * @param sequence its own place in the channel; 0 while it has none
 * @param timestampUs when it was admitted; 0 while it was not
 * @param target the record that it names
 * @param reaction what a REACT or UNREACT says; empty otherwise
 */
record ChatEvent(EventKind kind, long sequence, long timestampUs, long sender, long target, String reaction) {}
