package io.freshet.engine.chat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.log.IndexReader;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.PostView;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.TreeMap;

/**
 * What has become of the posts within a range of a channel, as one user sees it: first what the index tells, all at one position, then
 * what the events after that change. Belongs to the thread that reads.
 */
public final class PageViews {
    /** A post, and what the user has reacted to it. */
    private record Viewed(Post post, OwnReactions own) {}

    private final long first;
    private final long last;
    private final long viewer;
    private final Map<Long, Viewed> posts = new TreeMap<>();
    private long upTo;

    private PageViews(long first, long last, long viewer) {
        this.first = first;
        this.last = last;
        this.viewer = viewer;
    }

    /** Reads the posts between these, both included. The index stays the caller's. */
    public static PageViews read(IndexReader index, long channel, long first, long last, long viewer) {
        PageViews views = new PageViews(first, last, viewer);
        ChatViews states = new ChatViews(index);
        return index.together(() -> {
            views.upTo = states.upTo(channel);
            Map<Long, Post> found = new TreeMap<>();
            states.posts(channel, first, last, found::put);
            found.forEach((sequence, post) -> {
                OwnReactions own =
                        post.reactions().isEmpty() ? new OwnReactions() : states.own(channel, sequence, viewer);
                views.posts.put(sequence, new Viewed(post, own));
            });
            return views;
        });
    }

    /** The last sequence whose event is in these views. */
    public long upTo() {
        return upTo;
    }

    /** Whether nothing has happened to any of the posts. */
    public boolean isEmpty() {
        return posts.isEmpty();
    }

    /** Applies the events among whole RECORD frames that come after those applied before. Borrows the buffer. */
    public void follow(ByteBuf frames) {
        int at = frames.readerIndex();
        while (at < frames.writerIndex()) {
            int length = (int) FrameHeader.frameLength(frames, at);
            boolean isChecked = (FrameHeader.flags(frames, at) & FrameHeader.FLAG_CHECKED) != 0;
            if (isChecked && ChatEvents.namesPost(FrameHeader.kind(frames, at))) {
                follow(frames, at, length);
            }
            at += length;
        }
    }

    private void follow(ByteBuf frames, int at, int length) {
        ChatEvent event;
        try {
            event = ChatEvents.of(frames, at, length, RecordFrame.sender(frames, at));
        } catch (InvalidProtocolBufferException e) {
            return; // It is erased, and so is the post that it named.
        }
        if (event.target() < first || event.target() > last || event.sequence() <= upTo) {
            return;
        }
        Viewed viewed = posts.computeIfAbsent(event.target(), post -> new Viewed(new Post(), new OwnReactions()));
        switch (event.kind()) {
            case REACT, UNREACT -> {
                viewed.post.reacted(event.reaction(), event.kind() == EventKind.REACT ? 1 : -1);
                if (event.sender() == viewer) {
                    viewed.own.apply(event);
                }
            }
            default -> viewed.post.apply(event);
        }
    }

    /** All events up to this one were applied. */
    public void followedUpTo(long sequence) {
        upTo = Math.max(upTo, sequence);
    }

    /** Whether something has happened to this record, which is a post then. */
    public boolean isChanged(long sequence) {
        return posts.containsKey(sequence);
    }

    /** Sequence of the edit that says what the post says now; 0 when there is none, or the post is deleted. */
    public long lastEdit(long sequence) {
        Viewed viewed = posts.get(sequence);
        if (viewed == null || viewed.post.isDeleted() || viewed.post.edits().isEmpty()) {
            return 0;
        }
        return viewed.post.edits().last();
    }

    /**
     * What is told of a post that {@link #isChanged}.
     *
     * @param edit the whole frame of its last edit
     */
    public PostView view(long sequence, ByteString edit) {
        Viewed viewed = posts.get(sequence);
        if (viewed == null) {
            throw new IllegalArgumentException("nothing has happened to " + sequence);
        }
        Post post = viewed.post;
        PostView.Builder view = PostView.newBuilder()
                .setSequence(sequence)
                .setEditedUs(post.isDeleted() ? 0 : post.editedUs())
                .setEdit(edit)
                .setDeleted(post.isDeleted())
                .setPinned(post.isPinned());
        post.reactions()
                .forEach((reaction, count) -> view.addReactions(PostView.ReactionCount.newBuilder()
                        .setReaction(reaction)
                        .setCount(count)
                        .setOwn(viewed.own.contains(reaction))));
        return view.build();
    }
}
