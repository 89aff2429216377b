package io.freshet.engine.chat;

import io.freshet.log.LogFollower.StateWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * Drops the states of one channel that are about posts that are not kept any more, apart from where their edits lie that are. On the
 * indexer's thread.
 */
final class ChannelExpiry {
    private record Key(long key1, long key2) {}

    private final StateWriter writer;
    private final ExpandableArrayBuffer encoded;
    private final long channel;
    private final long first;
    private long goneCount;

    ChannelExpiry(StateWriter writer, ExpandableArrayBuffer encoded, long channel, long firstSequence) {
        this.writer = writer;
        this.encoded = encoded;
        this.channel = channel;
        first = firstSequence;
    }

    void run() {
        keys(0, first - 1).forEach(this::trimPost);
        keys(ChatKeys.PINNED, ChatKeys.PINNED | (first - 1)).forEach(this::remove);
        keys(ChatKeys.USERS, ChatKeys.USERS | (first - 1)).forEach(this::remove);
        keys(ChatKeys.MENTIONS, ChatKeys.MENTIONS | ChatKeys.EVERYONE).forEach(this::trimMentions);
        keys(ChatKeys.BLOCKS, ChatKeys.BLOCKS | PostBlock.of(first)).forEach(this::trimBlock);
        keys(ChatKeys.SUMMARY, ChatKeys.SUMMARY).forEach(this::trimSummary);
    }

    /** A visitor may not change what it walks over. */
    private List<Key> keys(long fromKey1, long toKey1) {
        List<Key> keys = new ArrayList<>();
        writer.states(channel, fromKey1, toKey1, (key1, key2, value, offset, length) -> keys.add(new Key(key1, key2)));
        return keys;
    }

    private <T> T read(Key key, BiFunction<DirectBuffer, Integer, T> codec) {
        List<T> read = new ArrayList<>(1);
        writer.state(channel, key.key1, key.key2, (key1, key2, value, offset, length) -> {
            read.add(codec.apply(value, offset));
        });
        return read.get(0);
    }

    private void remove(Key key) {
        writer.remove(channel, key.key1, key.key2);
    }

    private void trimPost(Key key) {
        Post left = read(key, PostCodec::read).expired(first);
        if (left.edits().isEmpty()) {
            remove(key);
        } else {
            put(key, PostCodec.write(left, encoded));
        }
    }

    private void trimMentions(Key key) {
        MentionList list = read(key, MentionList::read);
        if (list.posts().last() < first) {
            remove(key);
        } else if (list.posts().first() < first) {
            list.expireBefore(first);
            put(key, list.write(encoded));
        }
    }

    private void trimBlock(Key key) {
        PostBlock block = read(key, PostBlock::read);
        goneCount += block.count();
        block.expireBefore(ChatKeys.number(key.key1), first);
        goneCount -= block.count();
        if (block.isEmpty()) {
            remove(key);
        } else {
            put(key, block.write(encoded));
        }
    }

    /** After the blocks. */
    private void trimSummary(Key key) {
        ChannelSummary summary = read(key, ChannelSummary::read);
        summary.addCount(-goneCount);
        summary.expireBefore(first);
        if (summary.isEmpty()) {
            remove(key);
        } else {
            put(key, summary.write(encoded));
        }
    }

    private void put(Key key, int length) {
        writer.put(channel, key.key1, key.key2, encoded, 0, length);
    }
}
