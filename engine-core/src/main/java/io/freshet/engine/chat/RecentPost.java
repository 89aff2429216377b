package io.freshet.engine.chat;

import io.freshet.protocol.EventKind;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The events of late that name one post. A few are folded anew into what was looked up, for each decision; once there are many, the post
 * is kept as it is now, so that a decision costs the same however many there are. Owned by the shard's thread.
 */
final class RecentPost {
    /** From so many events on the post is kept, and given up again below half of that: it takes more memory than an event does. */
    static final int KEPT_COUNT = 16;

    private record Own(long sender, String reaction) {
        static Own of(ChatEvent event) {
            return new Own(event.sender(), event.reaction());
        }
    }

    private final ArrayDeque<ChatEvent> events = new ArrayDeque<>(2);
    /** While the post is kept: by whom and of what, the last that gave it or took it back. */
    private final Map<Own, ChatEvent> lastReactions = new HashMap<>(0);

    private @Nullable Post kept;

    /** The post as it is now, and what the sender of this event has reacted as far as the event is about it. Uses up what was looked up. */
    Post now(ChatEvent event, Post lookedUp, Resolution found) {
        Post present = kept;
        if (lookedUp.isDeleted()) {
            return lookedUp;
        }
        if (present != null) {
            ChatEvent last = lastReactions.get(Own.of(event));
            if (last != null && last.sequence() > found.upTo()) {
                found.own().apply(last);
            }
            return present;
        }
        for (ChatEvent earlier : events) {
            if (earlier.sequence() > found.upTo()) {
                fold(earlier, lookedUp);
                if (isReaction(earlier) && earlier.sender() == event.sender()) {
                    found.own().apply(earlier);
                }
            }
        }
        if (events.size() >= KEPT_COUNT) {
            kept = lookedUp;
            events.forEach(this::note);
        }
        return lookedUp;
    }

    private static boolean isReaction(ChatEvent event) {
        return event.kind() == EventKind.REACT || event.kind() == EventKind.UNREACT;
    }

    private static void fold(ChatEvent event, Post post) {
        if (isReaction(event)) {
            post.reacted(event.reaction(), event.kind() == EventKind.REACT ? 1 : -1);
        } else {
            post.apply(event);
        }
    }

    private void note(ChatEvent event) {
        if (isReaction(event)) {
            lastReactions.put(Own.of(event), event);
        }
    }

    /** One that was admitted after all that were before. */
    void add(ChatEvent event) {
        events.addLast(event);
        Post present = kept;
        if (present != null) {
            fold(event, present);
            note(event);
        }
    }

    /** The last was taken back. */
    void undoLast() {
        events.removeLast();
        giveUp();
    }

    /** The views know the first. */
    void forgetFirst() {
        ChatEvent first = events.removeFirst();
        if (kept != null) {
            lastReactions.remove(Own.of(first), first);
            if (events.size() < KEPT_COUNT / 2) {
                giveUp();
            }
        }
    }

    private void giveUp() {
        kept = null;
        lastReactions.clear();
    }

    /** Events that the next decision folds. */
    int foldCount() {
        return kept == null ? events.size() : 0;
    }

    boolean isEmpty() {
        return events.isEmpty();
    }
}
