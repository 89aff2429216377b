package io.freshet.engine.routing;

import io.freshet.engine.ChannelRight;
import io.freshet.engine.chat.ChatEvent;
import io.freshet.engine.chat.PostLookup.RecordHead;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One channel as somebody sees it who knows everything at once, one event after the other, by the words of CHAT.md. */
public final class EventOracle {
    private final List<ChatEvent> log = new ArrayList<>();
    private int committedCount;

    private static final class Told {
        final Map<String, Set<Long>> reactions = new HashMap<>();
        int editCount;
        boolean isDeleted;
        boolean isPinned;
    }

    /** What must become of an event that comes now; null when it is kept. */
    public @Nullable ErrorCode refusal(ChatEvent event, Set<ChannelRight> rights) {
        long target = event.target();
        if (target < 1 || target > committedCount || log.get((int) target - 1).kind() != EventKind.POST) {
            return ErrorCode.NO_SUCH_POST;
        }
        Told post = told(target);
        if (post.isDeleted) {
            return ErrorCode.POST_DELETED;
        }
        boolean isMine = log.get((int) target - 1).sender() == event.sender();
        Set<Long> having = post.reactions.getOrDefault(event.reaction(), Set.of());
        return switch (event.kind()) {
            case EDIT ->
                !isMine && !rights.contains(ChannelRight.EDIT_POSTS)
                        ? ErrorCode.FORBIDDEN
                        : post.editCount == 100 ? ErrorCode.TOO_MANY : null;
            case DELETE -> isMine || rights.contains(ChannelRight.MANAGE_POSTS) ? null : ErrorCode.FORBIDDEN;
            case REACT -> {
                if (!rights.contains(ChannelRight.REACT)) {
                    yield ErrorCode.FORBIDDEN;
                }
                if (having.contains(event.sender())) {
                    yield ErrorCode.ALREADY_SO;
                }
                yield having.isEmpty() && post.reactions.size() == 20 ? ErrorCode.TOO_MANY : null;
            }
            case UNREACT -> having.contains(event.sender()) ? null : ErrorCode.ALREADY_SO;
            case PIN, UNPIN ->
                !rights.contains(ChannelRight.MANAGE_POSTS)
                        ? ErrorCode.FORBIDDEN
                        : post.isPinned == (event.kind() == EventKind.PIN) ? ErrorCode.ALREADY_SO : null;
            default -> null;
        };
    }

    private Told told(long target) {
        Told post = new Told();
        for (ChatEvent event : log) {
            if (event.target() != target) {
                continue;
            }
            switch (event.kind()) {
                case EDIT -> post.editCount++;
                case DELETE -> post.isDeleted = true;
                case REACT ->
                    post.reactions
                            .computeIfAbsent(event.reaction(), name -> new HashSet<>())
                            .add(event.sender());
                case UNREACT ->
                    post.reactions.computeIfPresent(event.reaction(), (name, having) -> {
                        having.remove(event.sender());
                        return having.isEmpty() ? null : having;
                    });
                case PIN -> post.isPinned = true;
                case UNPIN -> post.isPinned = false;
                default -> {
                    // A reply changes nothing.
                }
            }
        }
        return post;
    }

    /** A record that is no event of a conversation has the kind MESSAGE. */
    public void admitted(ChatEvent event) {
        log.add(event);
    }

    public void committed() {
        committedCount = log.size();
    }

    /** What was not committed was taken back. */
    void undone() {
        cut(committedCount);
    }

    /** Nothing is left of what came behind this sequence. */
    public void cut(int sequence) {
        while (log.size() > sequence) {
            log.remove(log.size() - 1);
        }
        committedCount = Math.min(committedCount, sequence);
    }

    /** The record of this sequence. */
    public ChatEvent at(int sequence) {
        return log.get(sequence - 1);
    }

    /** The sequences of the edits that a post has. */
    public List<Long> edits(long post) {
        List<Long> edits = new ArrayList<>();
        for (int i = 0; i < log.size(); i++) {
            if (log.get(i).kind() == EventKind.EDIT && log.get(i).target() == post) {
                edits.add(i + 1L);
            }
        }
        return edits;
    }

    /** How many records the channel has. */
    public int head() {
        return log.size();
    }

    int committedHead() {
        return committedCount;
    }

    /** The record of this sequence, once it is committed. */
    @Nullable
    RecordHead head(long sequence) {
        if (sequence < 1 || sequence > committedCount) {
            return null;
        }
        ChatEvent event = log.get((int) sequence - 1);
        return new RecordHead(event.kind().code(), FrameHeader.FLAG_CHECKED, event.sender());
    }
}
