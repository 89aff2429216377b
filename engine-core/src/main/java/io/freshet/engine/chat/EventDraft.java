package io.freshet.engine.chat;

import java.util.Set;

/**
 * An event that somebody wishes to publish, as far as others decide on it.
 *
 * @param event without a place; its target is 0 for a POST that answers nothing
 * @param mentioned the users whom it mentions, without its sender
 * @param isForEveryone whether it mentions everyone
 */
public record EventDraft(ChatEvent event, Set<Long> mentioned, boolean isForEveryone) {
    /** Whether it names a record that is to be looked up. */
    public boolean namesPost() {
        return event.target() != 0 || ChatEvents.namesPost(event.kind().code());
    }

    /** Whether there is nothing to decide on but what its sender alone has written. */
    public boolean isPlain() {
        return !namesPost() && mentioned.isEmpty() && !isForEveryone;
    }
}
