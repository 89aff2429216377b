package io.freshet.engine.chat;

import io.freshet.log.IndexReader;
import io.freshet.protocol.EventKind;
import java.util.ArrayList;
import java.util.List;

/**
 * The posts of one channel that are pinned, the one that was pinned last first: as the index knew them at some sequence, and as the
 * events after it have changed them. Read by a reader's thread, and from then on owned by the shard's.
 */
public final class PinBoard {
    private final List<Long> posts;
    private long upTo;

    PinBoard(List<Long> posts, long upTo) {
        this.posts = new ArrayList<>(posts);
        this.upTo = upTo;
    }

    /** As the index knows them now. A reader's thread. */
    public static PinBoard read(IndexReader index, long channel) {
        return index.together(() -> {
            ChatViews views = new ChatViews(index);
            return new PinBoard(views.pinnedLastFirst(channel), views.upTo(channel));
        });
    }

    /** Their sequences, the one that was pinned last first. */
    public List<Long> posts() {
        return posts;
    }

    /** The last sequence of the channel whose events are in it. */
    long upTo() {
        return upTo;
    }

    /** Events up to this sequence are in it. */
    void knows(long sequence) {
        upTo = Math.max(upTo, sequence);
    }

    /** Follows an event after what is known; whether that changed anything. */
    boolean apply(ChatEvent event) {
        boolean wasThere = posts.remove((Long) event.target());
        if (event.kind() == EventKind.PIN) {
            posts.add(0, event.target());
            return true;
        }
        return wasThere;
    }

    /** Posts before this sequence are kept no more; whether one of them was here. */
    public boolean expireBefore(long sequence) {
        return posts.removeIf(post -> post < sequence);
    }
}
