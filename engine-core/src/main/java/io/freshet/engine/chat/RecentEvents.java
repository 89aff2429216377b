package io.freshet.engine.chat;

import io.freshet.engine.ChannelRight;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The events that one channel has admitted and that the views may not know of yet. A further event is decided by what was looked up
 * for it and by what came since, which is here: so that of two that meet, the first in the channel's order wins, for everybody.
 * Owned by the shard's thread.
 */
public final class RecentEvents {
    /** Events that the views may lag behind; then no more are admitted until they have caught up. */
    static final int LIMIT = 16 * 1024;

    /** After which a post is pinned, or is not any more. */
    private static final Set<EventKind> PINNING = EnumSet.of(EventKind.PIN, EventKind.UNPIN, EventKind.DELETE);

    /** Where in the log events lie: those up to {@code sequence} are in documents up to {@code position}. */
    private record Mark(long position, long sequence) {}

    private final ArrayDeque<ChatEvent> inOrder = new ArrayDeque<>();
    private final Long2ObjectHashMap<RecentPost> byPost = new Long2ObjectHashMap<>();
    private final ArrayDeque<Mark> appended = new ArrayDeque<>();
    /** What is pinned now, once somebody has asked; until something is forgotten, since pins may go with their posts. */
    private @Nullable Set<Long> pinned;

    private long foldedCount;
    private long forgottenUpTo;
    /** What the views knew when they were looked at last: it is forgotten when they are looked at again. */
    private long forgettableUpTo;

    /** @param head the channel's last sequence: the views know what lies up to it */
    public RecentEvents(long head) {
        forgottenUpTo = head;
        forgettableUpTo = head;
    }

    /**
     * Why the event is not admitted, or null when it is. With STALE_VIEW it is to be looked up again.
     *
     * @param found what was looked up for it; used up
     */
    public @Nullable ErrorCode refusal(ChatEvent event, Resolution found, Set<ChannelRight> rights) {
        Post post = found.post();
        if (post == null) {
            return ErrorCode.NO_SUCH_POST;
        }
        if (found.upTo() < forgottenUpTo) {
            return ErrorCode.STALE_VIEW;
        }
        RecentPost since = byPost.get(event.target());
        if (since != null) {
            foldedCount += since.foldCount();
            post = since.now(event, post, found);
        }
        ErrorCode refusal = post.refusal(event, found.author(), rights, found.own());
        if (refusal != null) {
            return refusal;
        }
        if (event.kind() == EventKind.PIN && pinned(found).size() >= Post.PIN_LIMIT) {
            return ErrorCode.TOO_MANY;
        }
        return isFull() ? ErrorCode.OVERLOADED : null;
    }

    /** Posts of the channel that are pinned now. */
    private Set<Long> pinned(Resolution found) {
        Set<Long> present = pinned;
        if (present == null) {
            present = new HashSet<>(found.pins());
            foldedCount += inOrder.size();
            for (ChatEvent earlier : inOrder) {
                if (earlier.sequence() > found.upTo()) {
                    pin(earlier, present);
                }
            }
            pinned = present;
        }
        return present;
    }

    /** Whether all that has changed pins since these were known is here. */
    public boolean reachBackTo(PinBoard pins) {
        return forgottenUpTo <= pins.upTo();
    }

    /** Has pins follow what was admitted since they were known, up to this sequence; whether that changed them. */
    public boolean follow(PinBoard pins, long upTo) {
        ArrayDeque<ChatEvent> since = new ArrayDeque<>(0);
        for (Iterator<ChatEvent> newestFirst = inOrder.descendingIterator(); newestFirst.hasNext(); ) {
            ChatEvent event = newestFirst.next();
            if (event.sequence() <= pins.upTo()) {
                break;
            }
            if (event.sequence() <= upTo && PINNING.contains(event.kind())) {
                since.addFirst(event);
            }
        }
        boolean isChanged = false;
        for (ChatEvent event : since) {
            isChanged |= pins.apply(event);
        }
        pins.knows(upTo);
        return isChanged;
    }

    private static void pin(ChatEvent event, Set<Long> pinned) {
        switch (event.kind()) {
            case PIN -> pinned.add(event.target());
            case UNPIN, DELETE -> pinned.remove(event.target());
            default -> {
                // It pins nothing.
            }
        }
    }

    /** An event was admitted under this sequence, after all that were before. A reply changes nothing and is not kept. */
    public void add(ChatEvent event, long sequence, long timestampUs) {
        if (event.kind() != EventKind.POST) {
            ChatEvent admitted = event.at(sequence, timestampUs);
            inOrder.addLast(admitted);
            byPost.computeIfAbsent(event.target(), post -> new RecentPost()).add(admitted);
            if (pinned != null) {
                pin(admitted, pinned);
            }
        }
    }

    /** Whatever was admitted above this sequence was taken back. */
    public void undo(long aboveSequence) {
        while (!inOrder.isEmpty() && inOrder.peekLast().sequence() > aboveSequence) {
            long target = inOrder.removeLast().target();
            RecentPost post = byPost.get(target);
            post.undoLast();
            letGo(target, post);
            pinned = null;
        }
    }

    /** What was admitted from {@code firstSequence} on, up to {@code lastSequence}, lies in the log at this position. */
    public void appended(long position, long firstSequence, long lastSequence) {
        if (!inOrder.isEmpty() && inOrder.peekLast().sequence() >= firstSequence) {
            appended.addLast(new Mark(position, lastSequence));
        }
    }

    /**
     * Forgets what the views knew at the last call, and notes what they know now, in documents up to this position: what was looked up
     * between two calls is still decidable.
     */
    public void indexed(long position) {
        forget(forgettableUpTo);
        while (!appended.isEmpty() && appended.peekFirst().position() <= position) {
            forgettableUpTo = appended.removeFirst().sequence();
        }
    }

    /** The views know what lies up to this sequence, and whoever looks something up from now on. */
    void forget(long upTo) {
        while (!inOrder.isEmpty() && inOrder.peekFirst().sequence() <= upTo) {
            long target = inOrder.removeFirst().target();
            RecentPost post = byPost.get(target);
            post.forgetFirst();
            letGo(target, post);
        }
        forgottenUpTo = Math.max(forgottenUpTo, upTo);
        pinned = null;
    }

    private void letGo(long target, RecentPost post) {
        if (post.isEmpty()) {
            byPost.remove(target);
        }
    }

    /** Whether nothing more is admitted until the views have caught up. */
    public boolean isFull() {
        return inOrder.size() >= LIMIT;
    }

    /** Events that were folded for decisions so far: what these have cost. */
    long foldedCount() {
        return foldedCount;
    }

    /** Events that are kept. */
    public int count() {
        return inOrder.size();
    }
}
