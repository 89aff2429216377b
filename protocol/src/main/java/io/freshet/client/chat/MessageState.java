package io.freshet.client.chat;

import io.freshet.client.PostState;
import io.freshet.client.StoredRecord;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.Content;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What has become of one message so far. Under the conversation's lock. */
final class MessageState {
    /** Sequence of an edit that a server could not show any more. */
    private static final long UNKNOWN = -1;

    private final long sequence;
    private final long sender;
    private final long timestampUs;
    private final TreeMap<String, ReactionCount> reactions = new TreeMap<>();
    private @Nullable Content original;
    private @Nullable Content edited;
    private long editSequence;
    private long editedUs;
    private boolean isDeleted;
    private boolean isPinned;
    private boolean isDoubtful;

    /** The last sequence whose events are in here, apart from those that were {@link #apply applied}. */
    private final long upTo;

    /** A message of which nothing has become up to a sequence. */
    MessageState(StoredRecord post, long upTo) {
        sequence = post.sequence();
        sender = post.sender();
        timestampUs = post.timestampUs();
        original = ChatEvent.contentOf(post);
        this.upTo = upTo;
    }

    long sequence() {
        return sequence;
    }

    long upTo() {
        return upTo;
    }

    /** Whether its own record is wiped. */
    boolean isErased() {
        return original == null && !isDeleted;
    }

    /** It is not known any more what has become of it. */
    void doubt() {
        isDoubtful = true;
    }

    boolean isDoubtful() {
        return isDoubtful;
    }

    /** Takes over what a server told of it. */
    void show(PostState post) {
        editedUs = post.editedUs();
        isDeleted = post.isDeleted();
        isPinned = post.isPinned();
        editSequence = editedUs == 0 ? 0 : UNKNOWN;
        StoredRecord edit = post.edit();
        if (edit != null) {
            editSequence = edit.sequence();
            edited = null;
            for (ChatEvent event : ChatEvent.of(edit)) {
                edited = event.content();
            }
        }
        post.reactions().forEach(each -> reactions.put(each.reaction(), new ReactionCount(each.count(), each.isOwn())));
        forgetIfDeleted();
    }

    /** Whether the event is about this message or, with ERASURE, about what it says. */
    boolean isNamedBy(ChatEvent event) {
        return event.target() == sequence
                || (event.kind() == EventKind.ERASURE && editSequence != 0 && event.target() == editSequence);
    }

    /** Folds an event that names this message and comes after all that were folded. */
    void apply(ChatEvent event, long principal) {
        switch (event.kind()) {
            case EDIT -> {
                edited = event.content();
                editSequence = event.sequence();
                editedUs = Math.max(editedUs, event.timestampUs());
            }
            case DELETE -> isDeleted = true;
            case REACT -> react(event.reaction(), 1, event.sender() == principal);
            case UNREACT -> react(event.reaction(), -1, event.sender() == principal);
            case PIN -> isPinned = true;
            case UNPIN -> isPinned = false;
            case ERASURE -> erase(event.target());
            default -> throw new IllegalArgumentException("not about a message: " + event);
        }
        forgetIfDeleted();
    }

    private void react(String reaction, int more, boolean isOwn) {
        ReactionCount before = reactions.get(reaction);
        int count = (before == null ? 0 : before.count()) + more;
        boolean isOwnNow = isOwn ? more > 0 : before != null && before.isOwn();
        if (count > 0) {
            reactions.put(reaction, new ReactionCount(count, isOwnNow));
        } else {
            reactions.remove(reaction);
        }
    }

    /** The content of this record is wiped: of the message itself, or of its last edit. */
    void erase(long erased) {
        if (erased == sequence) {
            original = null;
        }
        if (erased == editSequence) {
            edited = null;
        }
    }

    private void forgetIfDeleted() {
        if (isDeleted) {
            original = null;
            edited = null;
            isPinned = false;
            reactions.clear();
        }
    }

    /** What a person sees. A message answers what it answered first, whatever its edits say. */
    ChatMessage snapshot() {
        Content present = editSequence != 0 ? edited : original;
        Content content = Content.getDefaultInstance();
        if (present != null) {
            long replyTo = original == null ? 0 : original.getReplyTo();
            content = present.getReplyTo() == replyTo
                    ? present
                    : present.toBuilder().setReplyTo(replyTo).build();
        }
        return new ChatMessage(
                sequence,
                sender,
                timestampUs,
                content,
                isDeleted ? 0 : editedUs,
                isDeleted,
                present == null && !isDeleted,
                isPinned,
                reactions);
    }
}
