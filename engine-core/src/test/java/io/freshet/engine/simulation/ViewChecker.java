package io.freshet.engine.simulation;

import com.google.protobuf.ByteString;
import io.freshet.client.Page;
import io.freshet.client.PostState;
import io.freshet.client.StoredRecord;
import io.freshet.engine.chat.ChatViews;
import io.freshet.engine.chat.PageViews;
import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.log.Storage;
import io.freshet.protocol.v1.PostView;
import io.freshet.protocol.v1.ThreadView;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is told of posts without their events: whenever a page says what has become of the posts on it, and whatever the index keeps of a
 * channel, is what {@link ViewFold} makes of the log up to the record that it claims to know.
 */
final class ViewChecker {
    /** More than a run has. */
    private static final int CHANNELS = 16;

    private static final int USERS = 4;
    private static final int MENTION_LIMIT = 100;

    private final Verdict verdict;
    private final Truth truth;
    private int serverCount;
    private long pageCount;
    private long postCount;

    ViewChecker(Verdict verdict, Truth truth) {
        this.verdict = verdict;
        this.truth = truth;
    }

    /** A server begins, perhaps with less in its log than the one before. */
    void started() {
        serverCount++;
    }

    /** Which server it is that runs now. */
    int server() {
        return serverCount;
    }

    /**
     * Somebody was given a page with views.
     *
     * @param asked the server that ran when they asked: of what another said the log may have lost something since
     */
    void given(String to, long viewer, int asked, Page page) {
        if (asked != serverCount || page.records().isEmpty()) {
            return;
        }
        truth.poll();
        pageCount++;
        StoredRecord first = page.records().get(0);
        long channel = first.channel();
        verdict.check(
                page.postsUpTo() <= truth.head(channel),
                () -> to + " was given views of channel " + channel + " up to " + page.postsUpTo() + ", which has "
                        + truth.head(channel));
        ViewFold fold = ViewFold.of(truth, channel, first.sequence(), page.postsUpTo());
        Map<Long, PostState> told = new HashMap<>();
        page.posts().forEach(state -> told.put(state.sequence(), state));
        for (StoredRecord record : page.records()) {
            PostState state = told.remove(record.sequence());
            ViewFold.Post post = fold.post(record.sequence());
            boolean isNamed = post != null && post.isNamed();
            verdict.check(
                    isNamed == (state != null),
                    () -> to + " was told " + state + " of " + record + ", where up to " + page.postsUpTo()
                            + (isNamed ? " something" : " nothing") + " has happened to it");
            if (post != null && post.isNamed() && state != null) {
                postCount++;
                check(to, viewer, channel, state, post);
            }
        }
        verdict.check(told.isEmpty(), () -> to + " was told of posts that are not on the page: " + told);
    }

    private void check(String to, long viewer, long channel, PostState state, ViewFold.Post post) {
        PostView expected = post.view(viewer);
        verdict.check(
                view(state).equals(expected) && state.thread() == null,
                () -> to + " was told " + state + " of a post of channel " + channel + " instead of " + expected);
        long last = post.lastEdit();
        StoredRecord edit = state.edit();
        boolean isRight = edit == null
                ? last == 0 || truth.forgotten().mayBeErased(channel, last)
                : edit.sequence() == last && Arrays.equals(edit.payload(), truth.event(channel, last));
        verdict.check(isRight, () -> to + " was told " + state + " of channel " + channel + ", edited last by " + last);
    }

    private static PostView view(PostState state) {
        PostView.Builder view = PostView.newBuilder()
                .setSequence(state.sequence())
                .setEditedUs(state.editedUs())
                .setDeleted(state.isDeleted())
                .setPinned(state.isPinned());
        for (PostState.ReactionCount each : state.reactions()) {
            view.addReactions(PostView.ReactionCount.newBuilder()
                    .setReaction(each.reaction())
                    .setCount(each.count())
                    .setOwn(each.isOwn()));
        }
        return view.build();
    }

    /** Looks at all that the index keeps of all channels; false when it does not know all of their records yet. */
    boolean isIndexed(Storage storage) {
        truth.poll();
        boolean isWhole = true;
        for (long channel = 1; channel <= CHANNELS; channel++) {
            long id = channel;
            Truth.Entry last = truth.at(channel, truth.head(channel));
            if (last != null) {
                try (IndexReader reader = storage.index(last.shard()).openReader()) {
                    isWhole &= reader.together(() -> isIndexed(reader, id));
                }
            }
        }
        return isWhole;
    }

    private boolean isIndexed(IndexReader reader, long channel) {
        ChannelTail tail = new ChannelTail();
        if (!reader.tail(channel, tail)) {
            return false;
        }
        ViewFold fold = ViewFold.of(truth, channel, tail.firstSequence, tail.lastSequence);
        ChatViews views = new ChatViews(reader);
        boolean isWhole = tail.lastSequence == truth.head(channel);
        checkPosts(reader, views, channel, tail, fold);
        checkChannel(views, channel, tail, fold);
        if (isWhole) { // or it may not know of every erasure
            checkMentions(views, channel, tail, fold);
        }
        return isWhole;
    }

    private void checkPosts(IndexReader reader, ChatViews views, long channel, ChannelTail tail, ViewFold fold) {
        for (long viewer = Workload.FIRST_SENDER; viewer < Workload.FIRST_SENDER + USERS; viewer++) {
            PageViews told = PageViews.read(reader, channel, tail.firstSequence, tail.lastSequence, viewer);
            for (long sequence = tail.firstSequence; sequence <= tail.lastSequence; sequence++) {
                ViewFold.Post post = fold.post(sequence);
                PostView expected = post == null || !post.isNamed() ? null : post.view(viewer);
                PostView view = told.isChanged(sequence) ? told.view(sequence, ByteString.EMPTY) : null;
                same(channel, "post " + sequence, expected, view);
            }
        }
        fold.posts().forEach((sequence, post) -> {
            same(channel, "edits of " + sequence, post.edits(), views.edits(channel, sequence));
        });
    }

    private void checkChannel(ChatViews views, long channel, ChannelTail tail, ViewFold fold) {
        Truth.Entry last = fold.last();
        ThreadView.Builder expected = ThreadView.newBuilder()
                .setChannel(channel)
                .setReplies(fold.liveCount(0))
                .setLastSequence(last == null ? 0 : last.sequence())
                .setLastUs(last == null ? 0 : last.timestampUs())
                .addAllParticipants(fold.writers())
                .setUpTo(tail.lastSequence);
        same(channel, "summary", expected.build(), views.thread(channel).build());
        same(channel, "pins", fold.pins(), List.copyOf(views.pins(channel)));
        same(channel, "last post", fold.lastLive(), views.lastPost(channel));
        for (long after : afters(tail)) {
            long unread = Math.min(ChatViews.UNREAD_LIMIT, fold.liveCount(after));
            same(channel, "unread after " + after, unread, (long) views.unreadCount(channel, after));
        }
    }

    private void checkMentions(ChatViews views, long channel, ChannelTail tail, ViewFold fold) {
        Set<Long> erased = new HashSet<>();
        for (long sequence : fold.posts().keySet()) {
            if (truth.forgotten().isWanted(channel, sequence)) {
                erased.add(sequence);
            }
        }
        for (long user = Workload.FIRST_SENDER; user < Workload.FIRST_SENDER + USERS; user++) {
            for (long after : afters(tail)) {
                long expected = Math.min(MENTION_LIMIT, fold.mentionCount(after, user, erased));
                long told = views.mentionCount(channel, after, user);
                same(channel, "mentions of " + user + " after " + after, expected, told);
            }
        }
    }

    private static List<Long> afters(ChannelTail tail) {
        return List.of(0L, tail.lastSequence / 2, tail.lastSequence);
    }

    private void same(long channel, String what, @Nullable Object expected, @Nullable Object told) {
        verdict.check(
                Objects.equals(expected, told),
                () -> "the index says of channel " + channel + ", " + what + ": " + told + " instead of " + expected);
    }

    /** What is pinned in a channel, the last pinned first. */
    List<Long> pinnedLastFirst(Storage storage, long channel) {
        truth.poll();
        long head = truth.head(channel);
        Truth.Entry last = truth.at(channel, head);
        if (last == null) {
            return List.of();
        }
        ChannelTail tail = new ChannelTail();
        try (IndexReader reader = storage.index(last.shard()).openReader()) {
            long first = reader.tail(channel, tail) ? tail.firstSequence : 1;
            return ViewFold.of(truth, channel, first, head).pinnedLastFirst();
        }
    }

    /** Pages with views that were looked at. */
    long pageCount() {
        return pageCount;
    }

    /** Posts of which these told something. */
    long postCount() {
        return postCount;
    }
}
