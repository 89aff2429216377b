package io.freshet.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.EventKind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pins as they were at some sequence, and the events after it, come to what they are. */
class PinBoardTest {
    private static final int POSTS = 20;

    private static ChatEvent event(EventKind kind, long target) {
        return new ChatEvent(kind, 0, 0, 7, target, "");
    }

    /** By the rules of the channel: only what is not pinned is pinned. */
    private static EventKind kind(SplittableRandom random, boolean isPinned) {
        int dice = random.nextInt(10);
        return dice == 0 ? EventKind.DELETE : dice == 1 ? EventKind.EDIT : isPinned ? EventKind.UNPIN : EventKind.PIN;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldFollowFromWhereverItWasRead(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Long> pinned = new ArrayList<>();
        List<List<Long>> history = new ArrayList<>();
        history.add(List.of());
        RecentEvents recent = new RecentEvents(0);
        PinBoard following = new PinBoard(List.of(), 0);
        for (long sequence = 1; sequence <= 200; sequence++) {
            long post = 1L + random.nextInt(POSTS);
            EventKind kind = kind(random, pinned.contains(post));
            if (kind == EventKind.PIN) {
                pinned.add(0, post);
            } else if (kind != EventKind.EDIT) {
                pinned.remove((Long) post);
            }
            recent.add(event(kind, post), sequence, sequence);
            history.add(List.copyOf(pinned));
            if (random.nextInt(3) == 0) {
                boolean isOther = !following.posts().equals(pinned);
                boolean isTold = recent.follow(following, sequence);
                assertTrue(isTold || !isOther, "a change that is not told, seed " + seed);
                assertEquals(pinned, following.posts());
            }
        }
        for (int read = 0; read <= 200; read++) {
            int upTo = read + random.nextInt(201 - read);
            PinBoard board = new PinBoard(history.get(read), read);
            assertTrue(recent.reachBackTo(board));
            recent.follow(board, upTo);
            assertEquals(history.get(upTo), board.posts(), "read at " + read + ", followed to " + upTo);
        }
    }

    @Test
    void shouldSayWhenTooMuchHasComeSince() {
        RecentEvents recent = new RecentEvents(0);
        recent.add(event(EventKind.PIN, 1), 2, 0);
        recent.add(event(EventKind.PIN, 3), 4, 0);
        recent.forget(2);
        assertFalse(recent.reachBackTo(new PinBoard(List.of(), 1)));
        assertTrue(recent.reachBackTo(new PinBoard(List.of(1L), 2)));
    }

    @Test
    void shouldForgetWhatIsKeptNoMore() {
        PinBoard board = new PinBoard(List.of(9L, 2L, 7L), 10);
        assertFalse(board.expireBefore(2));
        assertTrue(board.expireBefore(7));
        assertEquals(List.of(9L, 7L), board.posts());
    }
}
