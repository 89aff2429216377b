package io.freshet.client.chat;

import io.freshet.client.PostState;
import io.freshet.client.StoredRecord;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.ErasedSequences;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.Reaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What people see of a channel, said a second time and as plainly as can be: all records are kept, each question goes through all of
 * them, who has a reaction is a set of users. The conversation must come to the same.
 */
final class SlowFold {
    final List<StoredRecord> log = new ArrayList<>();

    long head() {
        return log.size();
    }

    /** What is known of one message after the records up to a sequence. */
    static final class Post {
        final StoredRecord record;
        final TreeMap<String, TreeSet<Long>> reactions = new TreeMap<>();
        final List<StoredRecord> edits = new ArrayList<>();
        boolean isDeleted;
        boolean isPinned;

        Post(StoredRecord record) {
            this.record = record;
        }
    }

    /** The message with this sequence as it is after the records up to {@code upTo}; null when there is none. */
    @Nullable
    Post post(long sequence, long upTo) {
        if (sequence < 1 || sequence > upTo) {
            return null;
        }
        StoredRecord record = log.get((int) sequence - 1);
        if (record.kind() != 1 || !record.isChecked()) {
            return null;
        }
        Post post = new Post(record);
        for (StoredRecord each : log.subList((int) sequence, (int) upTo)) {
            if (each.isChecked() && each.kind() >= 2 && each.kind() <= 7) {
                fold(each, post);
            }
        }
        return post;
    }

    private static void fold(StoredRecord each, Post post) {
        long name = post.record.sequence();
        try {
            switch (each.kind()) {
                case 2 -> {
                    if (Edit.parseFrom(each.payload()).getTarget() == name) {
                        post.edits.add(each);
                    }
                }
                case 3 -> post.isDeleted |= Deletion.parseFrom(each.payload()).getTarget() == name;
                case 4, 5 -> {
                    Reaction reaction = Reaction.parseFrom(each.payload());
                    if (reaction.getTarget() == name) {
                        Set<Long> users =
                                post.reactions.computeIfAbsent(reaction.getReaction(), any -> new TreeSet<>());
                        boolean changes = each.kind() == 4 ? users.add(each.sender()) : users.remove(each.sender());
                        if (!changes) {
                            throw new AssertionError("the log holds a reaction that changes nothing: " + each);
                        }
                    }
                }
                default -> {
                    if (Pin.parseFrom(each.payload()).getTarget() == name) {
                        post.isPinned = each.kind() == 6;
                    }
                }
            }
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /** Records whose content was wiped by what the log says up to a sequence. */
    Set<Long> erased(long upTo) {
        Set<Long> erased = new HashSet<>();
        for (StoredRecord each : log.subList(0, (int) upTo)) {
            if (each.kind() == 240 && each.sender() == 0) {
                try {
                    erased.addAll(ErasedSequences.parseFrom(each.payload()).getSequenceList());
                } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return erased;
    }

    /** All messages as a person sees them after the last record. */
    List<ChatMessage> messages(long principal) {
        Set<Long> erased = erased(head());
        List<ChatMessage> messages = new ArrayList<>();
        for (StoredRecord record : log) {
            Post post = post(record.sequence(), head());
            if (post != null) {
                messages.add(message(post, erased, principal));
            }
        }
        return messages;
    }

    private static ChatMessage message(Post post, Set<Long> erased, long principal) {
        StoredRecord said = post.edits.isEmpty() ? post.record : post.edits.get(post.edits.size() - 1);
        boolean isErased = erased.contains(said.sequence());
        long editedUs = post.edits.isEmpty() ? 0 : said.timestampUs();
        StoredRecord first = post.record;
        Content content = Content.getDefaultInstance();
        try {
            if (!isErased && !post.isDeleted) {
                Content original = Content.parseFrom(first.payload());
                long replyTo = erased.contains(first.sequence()) ? 0 : original.getReplyTo();
                content = (post.edits.isEmpty()
                                ? original
                                : Edit.parseFrom(said.payload()).getContent())
                        .toBuilder().setReplyTo(replyTo).build();
            }
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        return new ChatMessage(
                first.sequence(),
                first.sender(),
                first.timestampUs(),
                content,
                post.isDeleted ? 0 : editedUs,
                post.isDeleted,
                isErased && !post.isDeleted,
                post.isPinned && !post.isDeleted,
                post.isDeleted ? new TreeMap<>() : counts(post, principal));
    }

    static SortedMap<String, ReactionCount> counts(Post post, long principal) {
        SortedMap<String, ReactionCount> counts = new TreeMap<>();
        post.reactions.forEach((name, users) -> {
            if (!users.isEmpty()) {
                counts.put(name, new ReactionCount(users.size(), users.contains(principal)));
            }
        });
        return counts;
    }

    /** What a server's views tell of the messages from {@code first} to {@code last}, at a sequence. */
    List<PostState> views(long first, long last, long upTo, long wipedUpTo, long principal) {
        List<PostState> views = new ArrayList<>();
        for (long sequence = first; sequence <= last; sequence++) {
            Post post = post(sequence, upTo);
            if (post != null
                    && (post.isDeleted || post.isPinned || !post.edits.isEmpty() || !post.reactions.isEmpty())) {
                StoredRecord edit = post.edits.isEmpty() ? null : post.edits.get(post.edits.size() - 1);
                List<PostState.ReactionCount> reactions = new ArrayList<>();
                counts(post, principal)
                        .forEach((name, count) ->
                                reactions.add(new PostState.ReactionCount(name, count.count(), count.isOwn())));
                views.add(new PostState(
                        sequence,
                        edit == null ? 0 : edit.timestampUs(),
                        edit == null ? null : stored(edit, erased(wipedUpTo)),
                        post.isDeleted,
                        post.isPinned,
                        reactions,
                        null));
            }
        }
        return views;
    }

    /** The records from {@code first} to {@code last}, as they are stored once what the log says up to {@code wipedUpTo} is done. */
    List<StoredRecord> page(long first, long last, long wipedUpTo) {
        Set<Long> erased = erased(wipedUpTo);
        return log.subList((int) first - 1, (int) last).stream()
                .map(each -> stored(each, erased))
                .toList();
    }

    static StoredRecord stored(StoredRecord record, Set<Long> erased) {
        return !erased.contains(record.sequence())
                ? record
                : new StoredRecord(
                        record.channel(),
                        record.sequence(),
                        record.timestampUs(),
                        record.sender(),
                        record.kind(),
                        true,
                        record.isChecked(),
                        new byte[record.payload().length]);
    }
}
