package io.freshet.engine.notice;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.engine.channel.AttributesFollower;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.log.ChannelDirectory;
import io.freshet.log.IndexReader;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.PostPlace;
import io.freshet.protocol.ThreadName;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Looks up what the index has of inboxes. Belongs to one thread, which may block; the caller closes it. */
public final class InboxReader implements AutoCloseable {
    private final Storage storage;
    private final List<IndexReader> shards = new ArrayList<>();

    public InboxReader(Storage storage) {
        this.storage = storage;
        for (int i = 0; i < storage.shardCount(); i++) {
            shards.add(storage.index(i).openReader());
        }
    }

    /** Up to which sequence a user has read a channel; 0 when nothing is known. */
    public long readUpTo(long user, long channel) {
        long inbox = storage.channels().find(InboxName.of(user));
        long[] found = {0};
        if (inbox != ChannelDirectory.NO_CHANNEL) {
            shard(inbox)
                    .state(
                            InboxFollower.ID,
                            inbox,
                            InboxKeys.MARKS,
                            channel,
                            (key1, key2, value, offset, length) ->
                                    found[0] = ReadPosition.read(value, offset).readUpTo());
        }
        return found[0];
    }

    /** Up to which sequence a user has read any channel, 0 when nothing is known: as it is now, whenever that is asked. */
    public LongUnaryOperator marks(long user) {
        return read(user, InboxKeys.MARKS, InboxKeys.MARKS)::readUpTo;
    }

    /** The user's inbox; an empty one when there is none. */
    Inbox inbox(long user) {
        return read(user, InboxKeys.HEAD, InboxKeys.MARKS);
    }

    /** The user's inbox without its marks: what it has been told of, and what it wants to be. */
    Inbox wishes(long user) {
        return read(user, InboxKeys.SETTINGS, InboxKeys.SOURCES);
    }

    private Inbox read(long user, long fromKey, long toKey) {
        Inbox inbox = new Inbox();
        long channel = storage.channels().find(InboxName.of(user));
        if (channel != ChannelDirectory.NO_CHANNEL) {
            shard(channel).states(InboxFollower.ID, channel, fromKey, toKey, inbox::put);
        }
        return inbox;
    }

    private IndexReader shard(long channel) {
        return shards.get(ReaderProxy.shardOf(channel, shards.size()));
    }

    /** Where something in a channel is said, as its name tells; null when there is no such channel. */
    @Nullable
    PostPlace place(long channel) {
        String name = storage.channels().name(channel);
        ThreadName.Parent parent = name == null ? null : ThreadName.parent(name);
        if (name == null || parent == null) {
            return name == null ? null : PostPlace.of(channel, name);
        }
        String parentName = storage.channels().name(parent.channel());
        return PostPlace.ofThread(channel, name, parent, parentName == null ? "" : parentName);
    }

    /** The members of a channel that has fixed ones; nobody when it has none. */
    List<Long> members(long channel) {
        KnownAttributes attributes = AttributesFollower.read(shard(channel), channel);
        return attributes == null ? List.of() : attributes.message().getMembersList();
    }

    /** Hands on everybody who has a mark in a channel or a setting of it. */
    void users(long channel, UserVisitor visitor) {
        for (IndexReader shard : shards) {
            shard.states(
                    InboxFollower.ID,
                    channel,
                    InboxKeys.USERS,
                    InboxKeys.USERS,
                    (key1, user, value, offset, length) -> visitor.onUser(user, value.getLong(offset, LITTLE_ENDIAN)));
        }
    }

    /** Up to where the notifier was done with a shard, as far as that is durable. */
    long progress(int shard) {
        long[] position = {MessageLog.NULL_POSITION};
        shards.get(shard)
                .state(
                        InboxFollower.ID,
                        InboxKeys.NO_CHANNEL,
                        InboxKeys.PROGRESS,
                        0,
                        (key1, key2, value, offset, length) -> position[0] = value.getLong(offset, LITTLE_ENDIAN));
        return position[0];
    }

    @Override
    public void close() {
        shards.forEach(IndexReader::close);
    }

    /** Receives a user of a channel, who has read it up to a sequence; 0 when nothing is known. */
    @FunctionalInterface
    interface UserVisitor {
        void onUser(long user, long readUpTo);
    }
}
