package io.freshet.engine.chat;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.log.LogFollower.StateWriter;
import io.freshet.protocol.EventKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/** What came of one post since the last checkpoint, and how that is merged into what was kept. On the indexer's thread. */
final class PostChanges {
    private final long channel;
    private final long post;
    private final List<ChatEvent> events = new ArrayList<>();
    /** From snapshots. */
    private final Map<Long, OwnReactions> restoredUsers = new HashMap<>();

    private @Nullable Post restored;

    PostChanges(long channel, long post) {
        this.channel = channel;
        this.post = post;
    }

    void add(ChatEvent event) {
        events.add(event);
    }

    void restore(Post snapshot) {
        if (restored != null) {
            snapshot.merge(restored);
        }
        restored = snapshot;
    }

    void restore(long user, OwnReactions snapshot) {
        restoredUsers.computeIfAbsent(user, id -> new OwnReactions()).merge(snapshot);
    }

    void write(StateWriter writer, ExpandableArrayBuffer encoded) {
        Post state = kept(writer);
        boolean wasPinned = state.isPinned();
        if (restored != null) {
            state.merge(restored);
        }
        fold(writer, encoded, state);
        if (state.isDeleted()) {
            forgetUsers(writer);
        } else if (restored != null || !restoredUsers.isEmpty()) {
            recount(writer, state);
        }
        writer.put(channel, post, 0, encoded, 0, PostCodec.write(state, encoded));
        if (state.isPinned()) {
            encoded.putLong(0, state.pinnedBy(), LITTLE_ENDIAN);
            writer.put(channel, ChatKeys.PINNED | post, 0, encoded, 0, Long.BYTES);
        } else if (wasPinned) {
            writer.remove(channel, ChatKeys.PINNED | post, 0);
        }
    }

    private Post kept(StateWriter writer) {
        Post[] kept = {new Post()};
        writer.state(channel, post, 0, (key1, key2, value, offset, length) -> kept[0] = PostCodec.read(value, offset));
        return kept[0];
    }

    /** Of a post that is not kept any more, in a channel that is kept from this sequence on. */
    void writeExpired(StateWriter writer, ExpandableArrayBuffer encoded, long first) {
        Post state = kept(writer);
        if (restored != null) {
            state.merge(restored);
        }
        for (ChatEvent event : events) {
            if (event.kind() == EventKind.EDIT) {
                state.apply(event);
            }
        }
        Post left = state.expired(first);
        if (!left.edits().isEmpty()) {
            writer.put(channel, post, 0, encoded, 0, PostCodec.write(left, encoded));
        }
    }

    private void fold(StateWriter writer, ExpandableArrayBuffer encoded, Post state) {
        Map<Long, OwnReactions> users = new HashMap<>();
        restoredUsers.forEach((user, own) -> user(writer, users, user).merge(own));
        for (ChatEvent event : events) {
            if (event.kind() == EventKind.REACT || event.kind() == EventKind.UNREACT) {
                int change = user(writer, users, event.sender()).apply(event);
                if (change != 0) {
                    state.reacted(event.reaction(), change);
                }
            } else {
                state.apply(event);
            }
        }
        users.forEach((user, own) -> writer.put(channel, ChatKeys.USERS | post, user, encoded, 0, own.write(encoded)));
    }

    private OwnReactions user(StateWriter writer, Map<Long, OwnReactions> users, long user) {
        return users.computeIfAbsent(user, id -> {
            OwnReactions[] kept = {new OwnReactions()};
            writer.state(channel, ChatKeys.USERS | post, id, (key1, key2, value, offset, length) -> {
                kept[0] = OwnReactions.read(value, offset);
            });
            return kept[0];
        });
    }

    /** Nobody reacts to what is deleted. */
    private void forgetUsers(StateWriter writer) {
        List<Long> users = new ArrayList<>();
        long of = ChatKeys.USERS | post;
        writer.states(channel, of, of, (key1, user, value, offset, length) -> users.add(user));
        users.forEach(user -> writer.remove(channel, of, user));
    }

    /** Users' states were taken from a snapshot: the counts follow them. */
    private void recount(StateWriter writer, Post state) {
        state.reactions().clear();
        long of = ChatKeys.USERS | post;
        writer.states(channel, of, of, (key1, user, value, offset, length) -> count(state, value, offset));
    }

    private static void count(Post state, DirectBuffer value, int offset) {
        OwnReactions.read(value, offset).count(state);
    }
}
