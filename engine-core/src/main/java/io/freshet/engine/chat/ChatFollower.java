package io.freshet.engine.chat;

import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.protocol.EventKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Folds the checked events of one shard into what has become of the posts that they name. A post that nobody named takes no
 * room. On the indexer's thread: between two checkpoints it collects events, at a checkpoint it merges them into what was kept.
 *
 * <pre>
 *  (channel, post, 0)              →  {@link PostCodec}
 *  (channel, post | USERS, user)   →  {@link OwnReactions}
 * </pre>
 */
public final class ChatFollower implements LogFollower {
    static final int ID = 4;

    /** Set in the first key of what belongs to one user, so that a range of posts has none of it. */
    static final long USERS = 1L << 63;

    private final Map<Key, Changes> fresh = new LinkedHashMap<>();
    private final ExpandableArrayBuffer encoded = new ExpandableArrayBuffer();

    private record Key(long channel, long post) {}

    /** What came of one post since the last checkpoint. */
    private static final class Changes {
        final List<ChatEvent> events = new ArrayList<>();
        /** From snapshots. */
        final Map<Long, OwnReactions> users = new HashMap<>();

        @Nullable
        Post snapshot;
    }

    @Override
    public int id() {
        return ID;
    }

    @Override
    public void onDocument(LogDocument document) {
        if (document.kind() != LogDocument.Kind.RUNS) {
            return;
        }
        DirectBuffer buffer = document.buffer();
        for (int run = 0; run < document.runCount(); run++) {
            for (int i = 0, n = document.recordCount(run); i < n; i++) {
                int offset = document.recordOffset(run, i);
                if (ChatEvents.isStoredCommand(buffer, offset) && document.isIntact(run, i)) {
                    ChatEvent event = ChatEvents.ofStored(buffer, offset, document.recordLength(run, i));
                    if (event != null) {
                        changes(document.channel(run), event.target()).events.add(event);
                    }
                }
            }
        }
    }

    private Changes changes(long channel, long post) {
        return fresh.computeIfAbsent(new Key(channel, post), key -> new Changes());
    }

    @Override
    public void onSnapshot(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
        Changes changes = changes(channel, key1 & ~USERS);
        if (key1 < 0) {
            changes.users.computeIfAbsent(key2, user -> new OwnReactions()).merge(OwnReactions.read(value, offset));
        } else {
            Post snapshot = PostCodec.read(value, offset);
            if (changes.snapshot != null) {
                snapshot.merge(changes.snapshot);
            }
            changes.snapshot = snapshot;
        }
    }

    @Override
    public void onCheckpoint(StateWriter writer) {
        fresh.forEach((key, changes) -> merge(writer, key, changes));
        fresh.clear();
    }

    private void merge(StateWriter writer, Key key, Changes changes) {
        Post[] kept = {new Post()};
        writer.state(key.channel, key.post, 0, (key1, key2, value, offset, length) -> {
            kept[0] = PostCodec.read(value, offset);
        });
        Post post = kept[0];
        boolean isRestored = changes.snapshot != null || !changes.users.isEmpty();
        if (changes.snapshot != null) {
            post.merge(changes.snapshot);
        }
        Map<Long, OwnReactions> users = new HashMap<>();
        changes.users.forEach((user, own) -> user(writer, key, users, user).merge(own));
        for (ChatEvent event : changes.events) {
            if (event.kind() == EventKind.REACT || event.kind() == EventKind.UNREACT) {
                int change = user(writer, key, users, event.sender()).apply(event);
                if (change != 0) {
                    post.reacted(event.reaction(), change);
                }
            } else {
                post.apply(event);
            }
        }
        users.forEach((user, own) -> writer.put(key.channel, key.post | USERS, user, encoded, 0, own.write(encoded)));
        if (post.isDeleted()) {
            forgetUsers(writer, key);
        } else if (isRestored) {
            recount(writer, key, post);
        }
        writer.put(key.channel, key.post, 0, encoded, 0, PostCodec.write(post, encoded));
    }

    private static OwnReactions user(StateWriter writer, Key key, Map<Long, OwnReactions> users, long user) {
        return users.computeIfAbsent(user, id -> {
            OwnReactions[] kept = {new OwnReactions()};
            writer.state(key.channel, key.post | USERS, id, (key1, key2, value, offset, length) -> {
                kept[0] = OwnReactions.read(value, offset);
            });
            return kept[0];
        });
    }

    /** Nobody reacts to what is deleted. */
    private static void forgetUsers(StateWriter writer, Key key) {
        List<Long> users = new ArrayList<>();
        long of = key.post | USERS;
        writer.states(key.channel, of, of, (key1, user, value, offset, length) -> users.add(user));
        users.forEach(user -> writer.remove(key.channel, of, user));
    }

    /** Users' states were taken from a snapshot: the counts follow them. */
    private static void recount(StateWriter writer, Key key, Post post) {
        post.reactions().clear();
        long of = key.post | USERS;
        writer.states(
                key.channel,
                of,
                of,
                (key1, user, value, offset, length) ->
                        OwnReactions.read(value, offset).count(post));
    }

    @Override
    public void onRollback() {
        fresh.clear();
    }
}
