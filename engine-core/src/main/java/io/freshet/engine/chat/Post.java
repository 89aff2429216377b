package io.freshet.engine.chat;

import io.freshet.engine.ChannelRight;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What has become of one post: the fold of the events that name it, and the rules by which a further one is admitted. Both are
 * here, so that what is admitted and what is folded cannot differ. It knows no content, only where that is. Everything in it but
 * the counts of reactions may be told twice, or merged with another state of the same post; the counts follow {@link
 * OwnReactions}, of which that is true.
 */
public final class Post {
    /** Different reactions to one post. */
    static final int REACTION_LIMIT = 20;

    /** Posts of one channel that are pinned. */
    static final int PIN_LIMIT = 50;

    /** Edits of one post; what it said before is kept in each. */
    static final int EDIT_LIMIT = 100;

    private final SortedSet<Long> edits = new TreeSet<>();
    private final Map<String, Integer> reactions = new TreeMap<>();
    private long editedUs;
    private long deletedBy;
    private long pinnedBy;
    private boolean isPinned;

    /** Sequences of its edits; the last has the present content. */
    SortedSet<Long> edits() {
        return edits;
    }

    /** When it was edited last; 0 when it never was. */
    long editedUs() {
        return editedUs;
    }

    boolean isDeleted() {
        return deletedBy != 0;
    }

    /** Sequence of the event that deleted it; 0 while it is there. */
    long deletedBy() {
        return deletedBy;
    }

    boolean isPinned() {
        return isPinned && !isDeleted();
    }

    /** Sequence of the last event that pinned it or took the pin away; 0 when there was none. */
    long pinnedBy() {
        return pinnedBy;
    }

    /** How many have each reaction; none with nobody. */
    Map<String, Integer> reactions() {
        return reactions;
    }

    void edited(long sequence, long timeUs) {
        edits.add(sequence);
        editedUs = Math.max(editedUs, timeUs);
    }

    void deleted(long sequence) {
        deletedBy = sequence;
        reactions.clear();
    }

    void pinned(long sequence, boolean pinned) {
        if (sequence > pinnedBy) {
            pinnedBy = sequence;
            isPinned = pinned;
        }
    }

    /** One user more, or one less, has this reaction. */
    void reacted(String reaction, int more) {
        if (!isDeleted()) {
            reactions.merge(reaction, more, (count, change) -> count + change == 0 ? null : count + change);
        }
    }

    /** Folds an admitted event, apart from reactions. */
    void apply(ChatEvent event) {
        switch (event.kind()) {
            case EDIT -> edited(event.sequence(), event.timestampUs());
            case DELETE -> deleted(event.sequence());
            case PIN -> pinned(event.sequence(), true);
            case UNPIN -> pinned(event.sequence(), false);
            default -> throw new IllegalArgumentException("not of the post: " + event);
        }
    }

    /** Takes over what another state of this post knows, apart from counts. */
    void merge(Post other) {
        edits.addAll(other.edits);
        editedUs = Math.max(editedUs, other.editedUs);
        pinned(other.pinnedBy, other.isPinned);
        if (other.isDeleted()) {
            deleted(other.deletedBy);
        }
    }

    /**
     * What is still to be known when the post itself is not kept any more: its edits that are, since a DELETE that was admitted before
     * has them erased.
     *
     * @param first the oldest sequence of the channel that is kept
     */
    Post expired(long first) {
        Post left = new Post();
        edits.tailSet(first).forEach(edit -> left.edited(edit, editedUs));
        return left;
    }

    /**
     * Why this event is not admitted, or null when it is.
     *
     * @param author who wrote the post
     * @param own the reactions of the event's sender
     */
    @Nullable
    ErrorCode refusal(ChatEvent event, long author, Set<ChannelRight> rights, OwnReactions own) {
        if (isDeleted()) {
            return ErrorCode.POST_DELETED;
        }
        boolean isAuthor = event.sender() == author;
        return switch (event.kind()) {
            case EDIT -> {
                boolean isAllowed = isAuthor || rights.contains(ChannelRight.EDIT_POSTS);
                yield !isAllowed ? ErrorCode.FORBIDDEN : edits.size() >= EDIT_LIMIT ? ErrorCode.TOO_MANY : null;
            }
            case DELETE -> isAuthor || rights.contains(ChannelRight.MANAGE_POSTS) ? null : ErrorCode.FORBIDDEN;
            case REACT -> reactRefusal(event, rights, own);
            case UNREACT -> own.contains(event.reaction()) ? null : ErrorCode.ALREADY_SO;
            case PIN, UNPIN -> pinRefusal(event, rights);
            case POST -> null;
            default -> ErrorCode.INVALID_ARGUMENT;
        };
    }

    private @Nullable ErrorCode reactRefusal(ChatEvent event, Set<ChannelRight> rights, OwnReactions own) {
        if (!rights.contains(ChannelRight.REACT)) {
            return ErrorCode.FORBIDDEN;
        }
        if (own.contains(event.reaction())) {
            return ErrorCode.ALREADY_SO;
        }
        boolean isNew = !reactions.containsKey(event.reaction());
        return isNew && reactions.size() >= REACTION_LIMIT ? ErrorCode.TOO_MANY : null;
    }

    private @Nullable ErrorCode pinRefusal(ChatEvent event, Set<ChannelRight> rights) {
        if (!rights.contains(ChannelRight.MANAGE_POSTS)) {
            return ErrorCode.FORBIDDEN;
        }
        return (event.kind() == EventKind.PIN) == isPinned ? ErrorCode.ALREADY_SO : null;
    }
}
