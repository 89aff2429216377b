package io.freshet.engine.chat;

import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks up what events name: what the index knows of the post, all at one position, and who wrote it, from the log. On a reader's
 * thread, which may block.
 */
public final class PostLookup {
    /** The records of a log. */
    @FunctionalInterface
    public interface Records {
        /** The head of this record; null when it is not there, or was damaged. */
        @Nullable
        RecordHead head(long channel, long sequence);
    }

    /**
     * What a stored record says before its payload.
     *
     * @param flags those of {@link FrameHeader}
     */
    public record RecordHead(int kind, int flags, long sender) {
        private boolean isPost() {
            return kind == EventKind.POST.code() && (flags & FrameHeader.FLAG_CHECKED) != 0;
        }

        private boolean isErased() {
            return (flags & FrameHeader.FLAG_ERASED) != 0;
        }
    }

    /** Greater ones mean something else as a key of the index; no channel has so many records. */
    private static final long GREATEST = (1L << 48) - 1;

    private PostLookup() {}

    /** One answer for each event, in their order; all of one channel. */
    public static List<Resolution> lookUp(IndexReader index, Records log, long channel, List<ChatEvent> events) {
        List<Resolution> known = index.together(() -> known(index, channel, events));
        Map<Long, Optional<RecordHead>> heads = new HashMap<>();
        List<Resolution> found = new ArrayList<>(events.size());
        for (int i = 0; i < events.size(); i++) {
            Resolution each = known.get(i);
            Optional<RecordHead> head = each.post() == null
                    ? Optional.empty()
                    : heads.computeIfAbsent(
                            events.get(i).target(), target -> Optional.ofNullable(log.head(channel, target)));
            found.add(
                    head.filter(RecordHead::isPost).isPresent()
                            ? written(each, head.get())
                            : new Resolution(each.upTo(), 0, null, each.own(), each.pins()));
        }
        return found;
    }

    private static List<Resolution> known(IndexReader index, long channel, List<ChatEvent> events) {
        ChannelTail tail = new ChannelTail();
        boolean isKnown = index.tail(channel, tail);
        long first = isKnown ? tail.firstSequence : 1;
        long upTo = isKnown ? tail.lastSequence : 0;
        List<Resolution> known = new ArrayList<>(events.size());
        for (ChatEvent event : events) {
            boolean isKept = event.target() >= first && event.target() <= GREATEST;
            known.add(new Resolution(
                    upTo,
                    0,
                    isKept ? post(index, channel, event.target()) : null,
                    own(index, channel, event),
                    event.kind() == EventKind.PIN ? new ChatViews(index).pins(channel) : List.of()));
        }
        return known;
    }

    /** Nobody may name what has no content any more, however it lost that. */
    private static Resolution written(Resolution known, RecordHead head) {
        Post post = known.post();
        if (post != null && head.isErased() && !post.isDeleted()) {
            post.deleted(known.upTo() + 1);
        }
        return new Resolution(known.upTo(), head.sender(), post, known.own(), known.pins());
    }

    private static Post post(IndexReader index, long channel, long target) {
        Post[] found = {new Post()};
        index.state(ChatFollower.ID, channel, target, 0, (key1, key2, value, offset, length) -> {
            found[0] = PostCodec.read(value, offset);
        });
        return found[0];
    }

    private static OwnReactions own(IndexReader index, long channel, ChatEvent event) {
        OwnReactions[] found = {new OwnReactions()};
        boolean isReaction = event.kind() == EventKind.REACT || event.kind() == EventKind.UNREACT;
        if (isReaction) {
            long key = event.target() | ChatKeys.USERS;
            index.state(ChatFollower.ID, channel, key, event.sender(), (key1, key2, value, offset, length) -> {
                found[0] = OwnReactions.read(value, offset);
            });
        }
        return found[0];
    }

    /** Whether this post was deleted, as far as the index knows. */
    public static boolean isDeleted(IndexReader index, long channel, long target) {
        return post(index, channel, target).isDeleted();
    }

    /** The records that hold what a post has ever said and that are kept: itself and its edits, as the index knows them. */
    public static long[] contents(IndexReader index, long channel, long target) {
        List<Long> all = new ArrayList<>(post(index, channel, target).edits());
        all.add(0, target);
        return all.stream().mapToLong(Long::longValue).toArray();
    }
}
