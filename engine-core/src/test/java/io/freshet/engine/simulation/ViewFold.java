package io.freshet.engine.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.chat.ChatEvent;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.PostView;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What has become of a channel's posts, folded anew from each of its records by the words of CHAT.md: slow, and without a line of what the server
 * folds with.
 */
final class ViewFold {
    /** Principals who are named as having written last. */
    private static final int WRITERS = 5;

    private final TreeMap<Long, Post> posts = new TreeMap<>();

    /** A post, and what came of it. */
    static final class Post {
        private final Truth.Entry entry;
        private final Set<Long> mentioned = new HashSet<>();
        private final TreeSet<Long> edits = new TreeSet<>();
        private final Map<String, Set<Long>> reactions = new TreeMap<>();
        private long editedUs;
        private long pinnedBy;
        private boolean isDeleted;
        private boolean isNamed;

        private Post(Truth.Entry entry) {
            this.entry = entry;
        }

        /** Whether any event names it. */
        boolean isNamed() {
            return isNamed;
        }

        /** The event that says what it says now; 0 when none does. */
        long lastEdit() {
            return isDeleted || edits.isEmpty() ? 0 : edits.last();
        }

        List<Long> edits() {
            return List.copyOf(edits);
        }

        /** What is told of it to one who looks, without the edit itself. */
        PostView view(long viewer) {
            PostView.Builder view = PostView.newBuilder()
                    .setSequence(entry.sequence())
                    .setEditedUs(isDeleted ? 0 : editedUs)
                    .setDeleted(isDeleted)
                    .setPinned(pinnedBy > 0);
            reactions.forEach((reaction, users) -> view.addReactions(PostView.ReactionCount.newBuilder()
                    .setReaction(reaction)
                    .setCount(users.size())
                    .setOwn(users.contains(viewer))));
            return view.build();
        }
    }

    /**
     * Folds the records of a channel up to one.
     *
     * @param first the oldest that is kept: nothing is told of a post before it
     */
    static ViewFold of(Truth truth, long channel, long first, long upTo) {
        ViewFold fold = new ViewFold();
        try {
            for (long sequence = 1; sequence <= upTo; sequence++) {
                Truth.Entry entry = truth.at(channel, sequence);
                if (entry != null && !entry.isOfTheEngine() && SimEvents.isEvent(entry.kind())) {
                    fold.take(entry, truth.event(channel, sequence));
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("an event of channel " + channel + " cannot be read", e);
        }
        fold.posts.headMap(first).clear();
        return fold;
    }

    private void take(Truth.Entry entry, byte[] payload) throws InvalidProtocolBufferException {
        if (entry.kind() == EventKind.POST.code()) {
            Post post = new Post(entry);
            for (Mention mention : Content.parseFrom(payload).getMentionsList()) {
                post.mentioned.add(mention.getUser());
            }
            posts.put(entry.sequence(), post);
            return;
        }
        EventKind kind = EventKind.of(entry.kind());
        ChatEvent event = kind == null ? null : SimEvents.event(kind, entry.sender(), payload);
        Post post = event == null ? null : posts.get(event.target());
        if (event != null && post != null) {
            post.isNamed = true;
            apply(post, entry, event);
        }
    }

    private static void apply(Post post, Truth.Entry entry, ChatEvent event) {
        switch (event.kind()) {
            case EDIT -> {
                post.edits.add(entry.sequence());
                post.editedUs = entry.timestampUs();
            }
            case DELETE -> {
                post.isDeleted = true;
                post.pinnedBy = 0;
                post.reactions.clear();
            }
            case REACT ->
                post.reactions
                        .computeIfAbsent(event.reaction(), reaction -> new HashSet<>())
                        .add(entry.sender());
            case UNREACT ->
                post.reactions.computeIfPresent(event.reaction(), (reaction, users) -> {
                    users.remove(entry.sender());
                    return users.isEmpty() ? null : users;
                });
            case PIN -> post.pinnedBy = entry.sequence();
            case UNPIN -> post.pinnedBy = 0;
            default -> throw new AssertionError("an event of a post: " + event);
        }
    }

    /** The post of this sequence; null when that is none, or is kept no more. */
    @Nullable
    Post post(long sequence) {
        return posts.get(sequence);
    }

    /** All posts that are kept, those that were deleted too. */
    NavigableMap<Long, Post> posts() {
        return posts;
    }

    /** Posts above a sequence that are there. */
    long liveCount(long after) {
        return posts.tailMap(after, false).values().stream()
                .filter(post -> !post.isDeleted)
                .count();
    }

    /** The last post that is there; 0 for none. */
    long lastLive() {
        for (Post post : posts.descendingMap().values()) {
            if (!post.isDeleted) {
                return post.entry.sequence();
            }
        }
        return 0;
    }

    /** The last post, deleted or not; null for none. */
    Truth.@Nullable Entry last() {
        return posts.isEmpty() ? null : posts.lastEntry().getValue().entry;
    }

    /** Posts above a sequence that are there, have their content and mention a user. */
    long mentionCount(long after, long user, Set<Long> erased) {
        return posts.tailMap(after, false).entrySet().stream()
                .filter(each -> !each.getValue().isDeleted
                        && each.getValue().mentioned.contains(user)
                        && !erased.contains(each.getKey()))
                .count();
    }

    /** Those who wrote last, the latest first. */
    List<Long> writers() {
        return posts.descendingMap().values().stream()
                .map(post -> post.entry.sender())
                .distinct()
                .limit(WRITERS)
                .toList();
    }

    /** Posts that are pinned, rising. */
    List<Long> pins() {
        return posts.entrySet().stream()
                .filter(each -> each.getValue().pinnedBy > 0)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Posts that are pinned, the one that was pinned last first. */
    List<Long> pinnedLastFirst() {
        return posts.values().stream()
                .filter(post -> post.pinnedBy > 0)
                .sorted(Comparator.comparingLong((Post post) -> post.pinnedBy).reversed())
                .map(post -> post.entry.sequence())
                .toList();
    }
}
