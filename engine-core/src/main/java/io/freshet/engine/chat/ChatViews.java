package io.freshet.engine.chat;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.protocol.v1.ThreadView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.agrona.collections.LongArrayList;

/**
 * Reads what {@link ChatFollower} keeps of the channels of one shard. Belongs to the thread of its reader. Each call sees the latest
 * checkpoint; calls within {@link IndexReader#together} see one.
 */
public final class ChatViews {
    /** Posts above a position are counted so far. */
    public static final int UNREAD_LIMIT = 1_000;

    /** Blocks that are looked at for a channel's last post. */
    private static final int LAST_BLOCK_COUNT = 256;

    private final IndexReader index;
    private final ChannelTail tail = new ChannelTail();

    /** @param index stays the caller's */
    public ChatViews(IndexReader index) {
        this.index = index;
    }

    /** The last sequence of the channel whose events are in what is read; 0 when there is none. */
    public long upTo(long channel) {
        return index.tail(channel, tail) ? tail.lastSequence : 0;
    }

    /** What has become of one post; as it was posted when nothing is known of it, or it is no post. */
    Post post(long channel, long post) {
        Post[] found = {new Post()};
        index.state(ChatFollower.ID, channel, post, 0, (key1, key2, value, offset, length) -> {
            found[0] = PostCodec.read(value, offset);
        });
        return found[0];
    }

    /** What a user has reacted to a post. */
    OwnReactions own(long channel, long post, long user) {
        OwnReactions[] found = {new OwnReactions()};
        index.state(ChatFollower.ID, channel, ChatKeys.USERS | post, user, (key1, key2, value, offset, length) -> {
            found[0] = OwnReactions.read(value, offset);
        });
        return found[0];
    }

    /** Receives a post to which something happened. */
    @FunctionalInterface
    interface PostVisitor {
        void onPost(long sequence, Post post);
    }

    /** Hands on the posts between these, both included, to which something happened. The visitor must not read here. */
    void posts(long channel, long first, long last, PostVisitor visitor) {
        index.states(ChatFollower.ID, channel, first, last, (post, key2, value, offset, length) -> {
            visitor.onPost(post, PostCodec.read(value, offset));
        });
    }

    /** Sequences of the posts that are pinned in the channel, rising. */
    public LongArrayList pins(long channel) {
        LongArrayList pins = new LongArrayList();
        index.states(
                ChatFollower.ID, channel, ChatKeys.PINNED, ChatKeys.BLOCKS - 1, (key1, key2, value, offset, length) -> {
                    pins.addLong(ChatKeys.number(key1));
                });
        return pins;
    }

    /** Sequences of the posts that are pinned in the channel, the one that was pinned last first. */
    List<Long> pinnedLastFirst(long channel) {
        TreeMap<Long, Long> byEvent = new TreeMap<>(Comparator.reverseOrder());
        index.states(
                ChatFollower.ID, channel, ChatKeys.PINNED, ChatKeys.BLOCKS - 1, (key1, key2, value, offset, length) -> {
                    byEvent.put(value.getLong(offset, LITTLE_ENDIAN), ChatKeys.number(key1));
                });
        return List.copyOf(byEvent.values());
    }

    /** Posts above a sequence that are there: exactly, up to {@link #UNREAD_LIMIT}, which also stands for more. */
    public int unreadCount(long channel, long sequence) {
        long after = Math.max(0, sequence) + 1;
        int[] count = {0};
        index.searchStates(
                ChatFollower.ID,
                channel,
                ChatKeys.BLOCKS | PostBlock.of(after),
                ChatKeys.MENTIONS - 1,
                (key1, key2, value, offset, length) -> {
                    count[0] += PostBlock.read(value, offset).countFrom(ChatKeys.number(key1), after);
                    return count[0] < UNREAD_LIMIT;
                });
        return Math.min(count[0], UNREAD_LIMIT);
    }

    /**
     * Posts above a sequence that are there and mention the user, one of the roles or everyone, up to {@link MentionList#LIMIT}. Of the user, of
     * each role and of everyone the last so many mentions are looked at, deleted posts among them: with more than these above the sequence it may be less than
     * there are.
     */
    public int mentionCount(long channel, long sequence, long user, long... roles) {
        TreeSet<Long> mentioning = new TreeSet<>();
        addMentions(mentioning, channel, ChatKeys.USER, user);
        addMentions(mentioning, channel, ChatKeys.EVERYONE, 0);
        for (long role : roles) {
            addMentions(mentioning, channel, ChatKeys.ROLE, role);
        }
        int count = 0;
        long number = -1;
        PostBlock block = new PostBlock();
        for (long post : mentioning.tailSet(sequence, false)) {
            if (PostBlock.of(post) != number) {
                number = PostBlock.of(post);
                block = block(channel, number);
            }
            count += block.isLive(post) ? 1 : 0;
        }
        return Math.min(count, MentionList.LIMIT);
    }

    private void addMentions(Set<Long> to, long channel, long kind, long id) {
        index.state(ChatFollower.ID, channel, ChatKeys.MENTIONS | kind, id, (key1, key2, value, offset, length) -> {
            to.addAll(MentionList.read(value, offset).posts());
        });
    }

    private PostBlock block(long channel, long number) {
        PostBlock[] found = {new PostBlock()};
        index.state(ChatFollower.ID, channel, ChatKeys.BLOCKS | number, 0, (key1, key2, value, offset, length) -> {
            found[0] = PostBlock.read(value, offset);
        });
        return found[0];
    }

    /** Whether a record is a post that was not deleted. */
    boolean isLive(long channel, long sequence) {
        return block(channel, PostBlock.of(sequence)).isLive(sequence);
    }

    /** What is told of the channel without its posts. */
    ChannelSummary summary(long channel) {
        ChannelSummary[] found = {new ChannelSummary()};
        index.state(ChatFollower.ID, channel, ChatKeys.SUMMARY, 0, (key1, key2, value, offset, length) -> {
            found[0] = ChannelSummary.read(value, offset);
        });
        return found[0];
    }

    /** What is told of a channel that is a post's thread, apart from its title. */
    public ThreadView.Builder thread(long channel) {
        ChannelSummary summary = summary(channel);
        return ThreadView.newBuilder()
                .setChannel(channel)
                .setReplies(summary.count())
                .setLastSequence(summary.last())
                .setLastUs(summary.lastUs())
                .addAllParticipants(summary.writers())
                .setUpTo(upTo(channel));
    }

    /** Sequence of the last post of the channel that is there; 0 when there is none, or a million records after it are deleted. */
    public long lastPost(long channel) {
        long last = summary(channel).last();
        long number = PostBlock.of(last);
        for (int i = 0; last > 0 && number >= 0 && i < LAST_BLOCK_COUNT; i++, number--) {
            long found = block(channel, number).last(number);
            if (found > 0) {
                return found;
            }
        }
        return 0;
    }

    /** Sequences of the edits of a post, rising. */
    public List<Long> edits(long channel, long post) {
        return new ArrayList<>(post(channel, post).edits());
    }
}
