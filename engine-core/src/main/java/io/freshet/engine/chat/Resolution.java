package io.freshet.engine.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was known of an event's target when it was looked up, off the reactor. Used for one decision, which changes {@code post} and
 * {@code own}.
 *
 * @param upTo the last sequence of the channel whose events are in {@code post} and {@code own}
 * @param author who wrote the target; meaningless without a post
 * @param post what had become of it; null when the target is no post, or is kept no more
 * @param own the reactions that the event's sender had there
 * @param pins the posts of the channel that were pinned; only for a PIN
 */
public record Resolution(long upTo, long author, @Nullable Post post, OwnReactions own, List<Long> pins) {
    /** Of an event to which other posts' pins do not matter. */
    Resolution(long upTo, long author, @Nullable Post post, OwnReactions own) {
        this(upTo, author, post, own, List.of());
    }
}
