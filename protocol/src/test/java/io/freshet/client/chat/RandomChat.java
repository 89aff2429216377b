package io.freshet.client.chat;

import com.google.protobuf.MessageLite;
import io.freshet.client.StoredRecord;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.ErasedSequences;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.Reaction;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** People who talk at random, and a server that lets through what its rules allow: a log that could be. */
final class RandomChat {
    private static final int USER_COUNT = 4;
    private static final String[] REACTIONS = {"a", "b", "👍"};

    final SlowFold fold = new SlowFold();
    private final SplittableRandom random;

    RandomChat(SplittableRandom random) {
        this.random = random;
    }

    void say(int recordCount) {
        for (int i = 0; i < recordCount; i++) {
            sayOne();
        }
    }

    /** The server loses what lies above. */
    void loseAbove(long sequence) {
        fold.log.subList((int) sequence, fold.log.size()).clear();
    }

    private void sayOne() {
        long user = 1L + random.nextInt(USER_COUNT);
        long target = fold.head() == 0 ? 0 : fold.head() - random.nextLong(Math.min(fold.head(), 30));
        SlowFold.Post post = fold.post(target, fold.head());
        if (post == null || post.isDeleted || random.nextInt(4) == 0) {
            sayNew(user, target);
            return;
        }
        switch (random.nextInt(10)) {
            case 0, 1 -> add(EventKind.EDIT, user, true, edit(target));
            case 2 -> delete(user, post);
            case 3 -> {
                boolean isPinned = post.isPinned;
                Pin pin = Pin.newBuilder().setTarget(target).build();
                add(isPinned ? EventKind.UNPIN : EventKind.PIN, user, true, pin);
            }
            case 4 -> add(EventKind.DELETE, user, false, deletion(target)); // from before there were rules
            case 5 -> erase(post);
            default -> {
                String name = REACTIONS[random.nextInt(REACTIONS.length)];
                boolean isThere = post.reactions.containsKey(name)
                        && post.reactions.get(name).contains(user);
                Reaction reaction = Reaction.newBuilder()
                        .setTarget(target)
                        .setReaction(name)
                        .build();
                add(isThere ? EventKind.UNREACT : EventKind.REACT, user, true, reaction);
            }
        }
    }

    private void sayNew(long user, long target) {
        switch (random.nextInt(8)) {
            case 0 -> add(EventKind.MESSAGE, user, false, content(0));
            case 1 -> add(EventKind.POST, user, false, content(0));
            case 2 -> add(EventKind.POST, user, true, content(target));
            default -> add(EventKind.POST, user, true, content(0));
        }
    }

    private Content content(long replyTo) {
        return Content.newBuilder()
                .setText("text " + random.nextInt(1000))
                .setReplyTo(replyTo)
                .build();
    }

    private Edit edit(long target) {
        return Edit.newBuilder().setTarget(target).setContent(content(0)).build();
    }

    private static Deletion deletion(long target) {
        return Deletion.newBuilder().setTarget(target).build();
    }

    /** A deletion, and what the server says when it wipes what was deleted. */
    private void delete(long user, SlowFold.Post post) {
        add(EventKind.DELETE, user, true, deletion(post.record.sequence()));
        List<Long> erased = new ArrayList<>(List.of(post.record.sequence()));
        post.edits.forEach(each -> erased.add(each.sequence()));
        add(
                EventKind.ERASURE,
                0,
                false,
                ErasedSequences.newBuilder().addAllSequence(erased).build());
    }

    /** The application wipes a message or an edit. */
    private void erase(SlowFold.Post post) {
        long erased = post.edits.isEmpty() || random.nextBoolean()
                ? post.record.sequence()
                : post.edits.get(random.nextInt(post.edits.size())).sequence();
        add(
                EventKind.ERASURE,
                0,
                false,
                ErasedSequences.newBuilder().addSequence(erased).build());
    }

    private void add(EventKind kind, long sender, boolean isChecked, MessageLite payload) {
        long sequence = fold.head() + 1;
        fold.log.add(new StoredRecord(
                9, sequence, sequence * 10, sender, kind.code(), false, isChecked, payload.toByteArray()));
    }
}
