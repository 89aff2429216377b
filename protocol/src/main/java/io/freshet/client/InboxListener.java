package io.freshet.client;

import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationSetting;

/** Hears what happens in the inbox of this client's user, on whatever device. Called on the client's thread. */
public interface InboxListener {
    /**
     * Something that the user should hear of, in the inbox's order, those that are kept first.
     *
     * @param sequence of the notice in the inbox
     */
    default void onNotice(long sequence, Notice notice) {}

    /** The user has read a channel up to here; each time it is more than before. */
    default void onRead(long channel, long sequence) {}

    /** The user has set something; one that says nothing takes back what was said of its scope. */
    default void onSetting(NotificationSetting setting) {}

    /** The inbox is not followed any more, other than by the client's end. */
    default void onEnd(FreshetException cause) {}
}
