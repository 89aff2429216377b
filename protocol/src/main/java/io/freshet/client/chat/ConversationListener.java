package io.freshet.client.chat;

import io.freshet.client.StoredRecord;
import io.freshet.protocol.FreshetException;
import java.util.List;

/**
 * Told what changes in a {@link Conversation}, after it has changed, on the thread that changes it: the client's. Taking long slows
 * the client's reading.
 */
public interface ConversationListener {
    /** Somebody has said something. */
    default void onMessage(ChatMessage message) {}

    /** A message says something else now. */
    default void onEdit(ChatMessage message) {}

    /** A message was deleted by this principal. */
    default void onDelete(ChatMessage message, long user) {}

    /** What a message said was wiped by the server. */
    default void onErase(ChatMessage message) {}

    /** A principal has given a reaction ({@code isThere}) or taken it back. */
    default void onReaction(ChatMessage message, String reaction, long user, boolean isThere) {}

    /** A principal has pinned a message, or taken the pin away. */
    default void onPin(ChatMessage message, long user, boolean isPinned) {}

    /**
     * Messages were read from the channel's history: at the beginning, further back, or anew, since it was not known any more what had
     * become of them.
     *
     * @param messages ascending
     */
    default void onHistory(List<ChatMessage> messages) {}

    /**
     * Who is writing has changed.
     *
     * @param users ids of all others who are writing now; nobody is named when they are more than ten
     * @param userCount how many they are
     */
    default void onTyping(List<Long> users, int userCount) {}

    /** A record that is neither a message nor about one, such as an application's own. */
    default void onOther(StoredRecord record) {}

    /** What there is may be out of date: records are missing, or have become void. */
    default void onDoubt() {}

    /** Nothing will change any more: the subscription has ended other than by its {@code close}. */
    default void onEnd(FreshetException cause) {}
}
