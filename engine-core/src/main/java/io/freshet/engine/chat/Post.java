package io.freshet.engine.chat;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has become of one post: the fold of the events that name it, and the rules by which a further one is admitted. Both are
 * here, so that what is admitted and what is folded cannot differ. It knows no content, only where that is.
 */
final class Post {
    /** Different reactions to one post. */
    static final int REACTION_LIMIT = 20;

    private final long author;
    private boolean isDeleted;
    private boolean isPinned;
    private int editCount;
    private long editSequence;
    private long editedUs;
    private final Map<String, Integer> reactions = new LinkedHashMap<>();

    Post(long author) {
        this.author = author;
    }

    long author() {
        return author;
    }

    boolean isDeleted() {
        return isDeleted;
    }

    boolean isPinned() {
        return isPinned;
    }

    int editCount() {
        return editCount;
    }

    /** Sequence of the last edit, which has the present content; 0 when it never was edited. */
    long editSequence() {
        return editSequence;
    }

    long editedUs() {
        return editedUs;
    }

    /** How many have each reaction, in the order in which they first came; none with nobody. */
    Map<String, Integer> reactions() {
        return reactions;
    }

    void edited(int count, long sequence, long timeUs) {
        editCount = count;
        editSequence = sequence;
        editedUs = timeUs;
    }

    void deleted() {
        isDeleted = true;
        isPinned = false;
        reactions.clear();
    }

    void pinned(boolean pinned) {
        isPinned = pinned;
    }

    /** Folds one admitted event. */
    void apply(ChatEvent event) {
        if (isDeleted) {
            return;
        }
        switch (event.kind()) {
            case EDIT -> edited(editCount + 1, event.sequence(), event.timestampUs());
            case DELETE -> deleted();
            case REACT -> reactions.merge(event.reaction(), 1, Integer::sum);
            case UNREACT ->
                reactions.computeIfPresent(event.reaction(), (name, count) -> count > 1 ? count - 1 : null);
            case PIN -> isPinned = true;
            case UNPIN -> isPinned = false;
            default -> throw new IllegalArgumentException("names no post: " + event);
        }
    }

    /**
     * Why this event is not admitted, or null when it is.
     *
     * @param hasReacted whether its sender has this reaction here already
     */
    @Nullable
    ErrorCode refusal(ChatEvent event, Set<ChatRight> rights, boolean hasReacted) {
        if (isDeleted) {
            return ErrorCode.POST_DELETED;
        }
        boolean isAuthor = event.sender() == author;
        return switch (event.kind()) {
            case EDIT -> allowed(isAuthor || rights.contains(ChatRight.EDIT_POSTS));
            case DELETE -> allowed(isAuthor || rights.contains(ChatRight.MANAGE_POSTS));
            case REACT -> reactRefusal(event, rights, hasReacted);
            case UNREACT -> hasReacted ? null : ErrorCode.ALREADY_SO;
            case PIN, UNPIN -> pinRefusal(event, rights);
            default -> ErrorCode.INVALID_ARGUMENT;
        };
    }

    private static @Nullable ErrorCode allowed(boolean isAllowed) {
        return isAllowed ? null : ErrorCode.FORBIDDEN;
    }

    private @Nullable ErrorCode reactRefusal(ChatEvent event, Set<ChatRight> rights, boolean hasReacted) {
        if (!rights.contains(ChatRight.REACT)) {
            return ErrorCode.FORBIDDEN;
        }
        if (hasReacted) {
            return ErrorCode.ALREADY_SO;
        }
        boolean isNew = !reactions.containsKey(event.reaction());
        return isNew && reactions.size() >= REACTION_LIMIT ? ErrorCode.TOO_MANY : null;
    }

    private @Nullable ErrorCode pinRefusal(ChatEvent event, Set<ChatRight> rights) {
        if (!rights.contains(ChatRight.MANAGE_POSTS)) {
            return ErrorCode.FORBIDDEN;
        }
        boolean isPin = event.kind() == EventKind.PIN;
        return isPin == isPinned ? ErrorCode.ALREADY_SO : null;
    }
}
