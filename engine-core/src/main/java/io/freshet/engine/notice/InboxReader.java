package io.freshet.engine.notice;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.log.ChannelDirectory;
import io.freshet.log.IndexReader;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.protocol.InboxName;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

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
        return inbox(user).readUpTo(channel);
    }

    /** Up to which sequence a user has read any channel, 0 when nothing is known: as it is now, whenever that is asked. */
    public LongUnaryOperator marks(long user) {
        return inbox(user)::readUpTo;
    }

    /** The user's inbox; an empty one when there is none. */
    Inbox inbox(long user) {
        long channel = storage.channels().find(InboxName.of(user));
        Inbox[] found = {new Inbox()};
        if (channel != ChannelDirectory.NO_CHANNEL) {
            shards.get(ReaderProxy.shardOf(channel, shards.size()))
                    .state(
                            InboxFollower.ID,
                            channel,
                            InboxFollower.STATE,
                            0,
                            (key1, key2, value, offset, length) -> found[0] = Inbox.read(value, offset, length));
        }
        return found[0];
    }

    /** Hands on everybody who has a mark in a channel or a setting of it. */
    void users(long channel, UserVisitor visitor) {
        for (IndexReader shard : shards) {
            shard.states(
                    InboxFollower.ID,
                    channel,
                    InboxFollower.USERS,
                    InboxFollower.USERS,
                    (key1, user, value, offset, length) -> visitor.onUser(user, value.getLong(offset, LITTLE_ENDIAN)));
        }
    }

    /** Up to where the notifier was done with a shard, as far as that is durable. */
    long progress(int shard) {
        long[] position = {MessageLog.NULL_POSITION};
        shards.get(shard)
                .state(
                        InboxFollower.ID,
                        InboxFollower.NO_CHANNEL,
                        InboxFollower.PROGRESS,
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
