package io.freshet.engine.chat;

import io.freshet.log.LogFollower.StateWriter;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Mention;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.collections.LongArrayList;
import org.agrona.collections.MutableLong;

/** What came of one channel since the last checkpoint, and how that is merged into what was kept. On the indexer's thread. */
final class ChannelChanges {
    /** Who is mentioned: of what kind, and which. */
    private record Whom(long kind, long id) {}

    private final long channel;
    private final LongArrayList posted = new LongArrayList();
    private final LongArrayList deleted = new LongArrayList();
    private final Map<Long, PostBlock> restoredBlocks = new TreeMap<>();
    private final ChannelSummary summary = new ChannelSummary();
    private final Map<Whom, MentionList> mentions = new LinkedHashMap<>();
    private final Set<Long> erased = new HashSet<>();
    private final Map<Long, PostChanges> posts = new LinkedHashMap<>();

    ChannelChanges(long channel) {
        this.channel = channel;
    }

    void posted(long sequence, long timeUs, long sender) {
        posted.addLong(sequence);
        summary.posted(sequence, timeUs, sender);
    }

    void mentioned(long sequence, Content content) {
        for (Mention mention : content.getMentionsList()) {
            switch (mention.getTargetCase()) {
                case USER -> mentions(ChatKeys.USER, mention.getUser()).add(sequence);
                case ROLE -> mentions(ChatKeys.ROLE, mention.getRole()).add(sequence);
                case EVERYONE -> mentions(ChatKeys.EVERYONE, 0).add(sequence);
                default -> {
                    // A channel is named, nobody is called.
                }
            }
        }
    }

    /** The content of this record is gone. */
    void erased(long sequence) {
        erased.add(sequence);
    }

    private MentionList mentions(long kind, long id) {
        return mentions.computeIfAbsent(new Whom(kind, id), whom -> new MentionList());
    }

    void named(ChatEvent event) {
        post(event.target()).add(event);
        if (event.kind() == EventKind.DELETE) {
            deleted.addLong(event.target());
        }
    }

    private PostChanges post(long sequence) {
        return posts.computeIfAbsent(sequence, post -> new PostChanges(channel, post));
    }

    /** A state that was put before, from a snapshot. Borrows the buffer. What follows from other states is not taken. */
    void restore(long key1, long key2, DirectBuffer value, int offset) {
        long section = ChatKeys.section(key1);
        long number = ChatKeys.number(key1);
        if (section == 0) {
            post(number).restore(PostCodec.read(value, offset));
        } else if (section == ChatKeys.USERS) {
            post(number).restore(key2, OwnReactions.read(value, offset));
        } else if (section == ChatKeys.BLOCKS) {
            restoredBlocks.computeIfAbsent(number, block -> new PostBlock()).merge(PostBlock.read(value, offset));
        } else if (section == ChatKeys.MENTIONS) {
            mentions(number, key2).merge(MentionList.read(value, offset));
        } else if (section == ChatKeys.SUMMARY) {
            summary.merge(ChannelSummary.read(value, offset));
        }
    }

    void write(StateWriter writer, ExpandableArrayBuffer encoded) {
        long first = writer.firstSequence(channel);
        posts.forEach((post, changes) -> {
            if (post >= first) {
                changes.write(writer, encoded);
            } else {
                changes.writeExpired(writer, encoded, first);
            }
        });
        mentions.forEach((whom, list) -> writeMentions(writer, encoded, whom, list, first));
        if (!erased.isEmpty()) {
            removeErasedMentions(writer, encoded);
        }
        long more = writeBlocks(writer, encoded, first);
        writeSummary(writer, encoded, more, first);
    }

    private void writeMentions(
            StateWriter writer, ExpandableArrayBuffer encoded, Whom whom, MentionList list, long first) {
        long key1 = ChatKeys.MENTIONS | whom.kind;
        writer.state(channel, key1, whom.id, (kind, id, value, offset, length) -> {
            list.merge(MentionList.read(value, offset));
        });
        list.expireBefore(first);
        if (!list.posts().isEmpty()) {
            writer.put(channel, key1, whom.id, encoded, 0, list.write(encoded));
        }
    }

    private void removeErasedMentions(StateWriter writer, ExpandableArrayBuffer encoded) {
        Map<Whom, MentionList> changed = new LinkedHashMap<>();
        long last = ChatKeys.MENTIONS | ChatKeys.EVERYONE;
        writer.states(channel, ChatKeys.MENTIONS, last, (key1, id, value, offset, length) -> {
            MentionList list = MentionList.read(value, offset);
            if (list.posts().removeAll(erased)) {
                changed.put(new Whom(ChatKeys.number(key1), id), list);
            }
        });
        changed.forEach((whom, list) -> {
            long key1 = ChatKeys.MENTIONS | whom.kind;
            if (list.posts().isEmpty()) {
                writer.remove(channel, key1, whom.id);
            } else {
                writer.put(channel, key1, whom.id, encoded, 0, list.write(encoded));
            }
        });
    }

    /** Returns by how many posts there are more. */
    private long writeBlocks(StateWriter writer, ExpandableArrayBuffer encoded, long first) {
        Map<Long, PostBlock> blocks = restoredBlocks;
        for (int i = 0; i < posted.size(); i++) {
            block(blocks, posted.getLong(i)).posted(posted.getLong(i));
        }
        for (int i = 0; i < deleted.size(); i++) {
            block(blocks, deleted.getLong(i)).deleted(deleted.getLong(i));
        }
        MutableLong more = new MutableLong();
        blocks.forEach((number, block) -> {
            writer.state(channel, ChatKeys.BLOCKS | number, 0, (key1, key2, value, offset, length) -> {
                PostBlock kept = PostBlock.read(value, offset);
                more.addAndGet(-kept.count());
                block.merge(kept);
            });
            block.expireBefore(number, first);
            more.addAndGet(block.count());
            if (!block.isEmpty()) {
                writer.put(channel, ChatKeys.BLOCKS | number, 0, encoded, 0, block.write(encoded));
            } else {
                writer.remove(
                        channel, ChatKeys.BLOCKS | number, 0); // or its expiry would count the posts a second time
            }
        });
        return more.get();
    }

    private static PostBlock block(Map<Long, PostBlock> blocks, long sequence) {
        return blocks.computeIfAbsent(PostBlock.of(sequence), number -> new PostBlock());
    }

    private void writeSummary(StateWriter writer, ExpandableArrayBuffer encoded, long more, long first) {
        if (more == 0 && summary.isEmpty()) {
            return;
        }
        writer.state(channel, ChatKeys.SUMMARY, 0, (key1, key2, value, offset, length) -> {
            ChannelSummary kept = ChannelSummary.read(value, offset);
            summary.merge(kept);
            summary.addCount(kept.count());
        });
        summary.addCount(more);
        summary.expireBefore(first);
        writer.put(channel, ChatKeys.SUMMARY, 0, encoded, 0, summary.write(encoded));
    }
}
