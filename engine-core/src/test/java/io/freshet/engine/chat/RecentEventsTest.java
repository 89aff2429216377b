package io.freshet.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.ChannelRight;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentEventsTest {
    private static final long AUTHOR = 1;
    private static final Set<ChannelRight> ALL = EnumSet.allOf(ChannelRight.class);
    private static final EventKind[] KINDS = {
        EventKind.EDIT,
        EventKind.DELETE,
        EventKind.REACT,
        EventKind.REACT,
        EventKind.UNREACT,
        EventKind.PIN,
        EventKind.UNPIN
    };

    /** Everything admitted, in order: what was known at any sequence is folded from it. */
    private final List<ChatEvent> log = new ArrayList<>();

    private Resolution lookUp(long post, long sender, long upTo) {
        Post state = new Post();
        OwnReactions own = new OwnReactions();
        for (ChatEvent event : log) {
            if (event.sequence() > upTo || event.target() != post) {
                continue;
            }
            if (event.kind() == EventKind.REACT || event.kind() == EventKind.UNREACT) {
                state.reacted(event.reaction(), event.kind() == EventKind.REACT ? 1 : -1);
                if (event.sender() == sender) {
                    own.apply(event);
                }
            } else {
                state.apply(event);
            }
        }
        return new Resolution(upTo, AUTHOR, state, own, pins(upTo));
    }

    private List<Long> pins(long upTo) {
        Set<Long> pins = new TreeSet<>();
        for (ChatEvent event : log) {
            if (event.sequence() <= upTo && event.kind() == EventKind.PIN) {
                pins.add(event.target());
            } else if (event.sequence() <= upTo
                    && (event.kind() == EventKind.UNPIN || event.kind() == EventKind.DELETE)) {
                pins.remove(event.target());
            }
        }
        return List.copyOf(pins);
    }

    private @Nullable ErrorCode refusalOfAll(ChatEvent event) {
        Resolution now = lookUp(event.target(), event.sender(), Long.MAX_VALUE);
        Post post = now.post();
        assert post != null;
        ErrorCode refusal = post.refusal(event, AUTHOR, ALL, now.own());
        boolean isOneMore = refusal == null && event.kind() == EventKind.PIN;
        return isOneMore && pins(Long.MAX_VALUE).size() >= Post.PIN_LIMIT ? ErrorCode.TOO_MANY : refusal;
    }

    private static ChatEvent at(long sequence, ChatEvent event) {
        return new ChatEvent(event.kind(), sequence, sequence, event.sender(), event.target(), event.reaction());
    }

    /** Whatever the views lag, however appends are undone: each decision is the one that full knowledge makes. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldDecideAsWithFullKnowledge(long seed) {
        Random random = new Random(seed);
        RecentEvents recent = new RecentEvents(0);
        long head = 100;
        long viewed = 0;
        int admittedCount = 0;
        for (int i = 0; i < 4_000; i++) {
            ChatEvent event = new ChatEvent(
                    KINDS[random.nextInt(KINDS.length)],
                    0,
                    0,
                    1 + random.nextInt(4),
                    1 + random.nextInt(1 + i / 10),
                    "r" + random.nextInt(3));
            long asked = viewed;
            viewed = random.nextInt(3) == 0 ? Math.max(viewed, head - random.nextInt(20)) : viewed;
            ErrorCode expected = refusalOfAll(event);
            assertEquals(
                    expected,
                    recent.refusal(event, lookUp(event.target(), event.sender(), asked), ALL),
                    "seed " + seed);
            if (expected == null) {
                log.add(at(++head, event));
                recent.add(event, head, head);
                admittedCount++;
            }
            if (random.nextInt(50) == 0 && head > viewed) {
                long kept = viewed + random.nextInt((int) (head - viewed) + 1);
                log.removeIf(each -> each.sequence() > kept);
                recent.undo(kept);
                head = kept;
            }
            if (random.nextInt(10) == 0) {
                recent.forget(viewed);
            }
        }
        assertTrue(admittedCount > 500, "seed " + seed + ": " + admittedCount);
    }

    @Test
    void shouldNotDecideByWhatIsOlderThanItRemembers() {
        RecentEvents recent = new RecentEvents(10);
        ChatEvent event = new ChatEvent(EventKind.REACT, 0, 0, 2, 5, "r");
        assertEquals(ErrorCode.STALE_VIEW, recent.refusal(event, lookUp(5, 2, 9), ALL));
        assertNull(recent.refusal(event, lookUp(5, 2, 10), ALL));
        assertEquals(
                ErrorCode.NO_SUCH_POST, recent.refusal(event, new Resolution(10, 0, null, new OwnReactions()), ALL));
    }

    /** Whether a pin lies in what was looked up or came since. */
    @Test
    void shouldPinFiftyPostsAndNoMore() {
        RecentEvents recent = new RecentEvents(0);
        for (int i = 1; i <= Post.PIN_LIMIT; i++) {
            ChatEvent pin = new ChatEvent(EventKind.PIN, 0, 0, AUTHOR, i, "");
            assertNull(recent.refusal(pin, lookUp(i, AUTHOR, i / 2), ALL));
            recent.add(pin, i, i);
            log.add(at(i, pin));
        }
        ChatEvent more = new ChatEvent(EventKind.PIN, 0, 0, AUTHOR, 60, "");
        assertEquals(ErrorCode.TOO_MANY, recent.refusal(more, lookUp(60, AUTHOR, 0), ALL));
        assertEquals(ErrorCode.TOO_MANY, recent.refusal(more, lookUp(60, AUTHOR, Post.PIN_LIMIT), ALL));
        ChatEvent deletion = new ChatEvent(EventKind.DELETE, 0, 0, AUTHOR, 7, "");
        recent.add(deletion, 51, 51);
        assertNull(recent.refusal(more, lookUp(60, AUTHOR, 20), ALL));
    }

    @Test
    void shouldAdmitNoMoreThanItMayRemember() {
        RecentEvents recent = new RecentEvents(0);
        for (int i = 1; i <= RecentEvents.LIMIT; i++) {
            recent.add(new ChatEvent(EventKind.EDIT, 0, 0, AUTHOR, i, ""), i, i);
        }
        ChatEvent event = new ChatEvent(EventKind.EDIT, 0, 0, AUTHOR, 1, "");
        assertEquals(ErrorCode.OVERLOADED, recent.refusal(event, lookUp(1, AUTHOR, 0), ALL));
        ChatEvent wrong = new ChatEvent(EventKind.UNREACT, 0, 0, AUTHOR, 1, "r");
        assertEquals(ErrorCode.ALREADY_SO, recent.refusal(wrong, lookUp(1, AUTHOR, 0), ALL), "that comes first");
        recent.forget(1);
        assertEquals(RecentEvents.LIMIT - 1, recent.count());
        assertNull(recent.refusal(event, lookUp(1, AUTHOR, 1), ALL));
    }

    /** Everybody reacts to one post, and somebody pins, in a moment when the index does not follow. */
    @Test
    void shouldNotFoldTheEventsOfOnePostForEachAgain() {
        RecentEvents recent = new RecentEvents(1);
        int count = 10_000;
        for (int i = 0; i < count; i++) {
            long sequence = 2L + i;
            boolean isPin = i % 10 < 2;
            EventKind kind = !isPin ? EventKind.REACT : i % 10 == 0 ? EventKind.PIN : EventKind.UNPIN;
            ChatEvent event = new ChatEvent(kind, 0, 0, 10L + i, isPin ? 2 : 1, "r" + i % 7);
            assertNull(recent.refusal(event, lookUp(event.target(), event.sender(), 1), ALL));
            recent.add(event, sequence, sequence);
            recent.appended(sequence, sequence, sequence);
        }
        ChatEvent again = new ChatEvent(EventKind.REACT, 0, 0, 12, 1, "r2");
        assertEquals(ErrorCode.ALREADY_SO, recent.refusal(again, lookUp(1, 12, 1), ALL));
        assertTrue(recent.foldedCount() < count, () -> "folded " + recent.foldedCount());
        recent.indexed(count);
        recent.indexed(count);
        assertEquals(1, recent.count());
        assertEquals(ErrorCode.STALE_VIEW, recent.refusal(again, lookUp(1, 12, 1), ALL));
    }
}
