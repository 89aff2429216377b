package io.freshet.client.chat;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * The last events of a channel, so that a message which a page shows as it was a while ago becomes what it is now. Bounded in count
 * and in bytes; under the conversation's lock.
 */
final class EventTail {
    static final int COUNT_LIMIT = 4_096;
    static final int LENGTH_LIMIT = 1 << 20;

    private final ArrayDeque<ChatEvent> events = new ArrayDeque<>();
    private long first;
    private int length;

    /** Forgets everything; what is added from now on has this sequence or a later one, and none is missing. */
    void restart(long firstSequence) {
        events.clear();
        length = 0;
        first = firstSequence;
    }

    /** All events from this sequence on are here. */
    long first() {
        return first;
    }

    /** The next event of the channel. */
    void add(ChatEvent event) {
        events.addLast(event);
        length += event.length();
        while (events.size() > COUNT_LIMIT || length > LENGTH_LIMIT) {
            ChatEvent forgotten = events.removeFirst();
            length -= forgotten.length();
            first = forgotten.sequence() + 1;
        }
    }

    /** In the order of the channel. */
    void forEach(Consumer<ChatEvent> action) {
        events.forEach(action);
    }
}
