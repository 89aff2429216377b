package io.freshet.engine.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.Test;

class NonceWindowTest {
    private static final int WINDOW = 8;

    private final NonceWindow window = new NonceWindow(WINDOW);

    @Test
    void shouldAcceptOnlyTheNextCounter() {
        window.accept(1, 10, 0);

        assertTrue(window.isNext(2));
        assertFalse(window.isNext(1));
        assertFalse(window.isNext(3));
        assertTrue(window.isRepeat(1));
        assertFalse(window.isRepeat(3));
    }

    @Test
    void shouldNotTakeZeroForARepeat() {
        assertFalse(window.isRepeat(0));
        window.accept(1, 10, 0);
        assertFalse(window.isRepeat(0));
    }

    @Test
    void shouldRememberTheSequencesOfTheLastPublishes() {
        for (int counter = 1; counter <= 100; counter++) {
            window.accept(counter, counter * 3L, 0);
        }

        for (int counter = 101 - WINDOW; counter <= 100; counter++) {
            assertEquals(counter * 3L, window.sequenceOf(counter));
        }
        assertEquals(NonceWindow.FORGOTTEN, window.sequenceOf(1));
    }

    @Test
    void shouldStillRememberAWindowAfterAWindowWasUndone() {
        for (int counter = 1; counter <= 5 * WINDOW; counter++) {
            window.accept(counter, counter * 2L, 0);
        }

        window.undo(4 * WINDOW + 1);

        assertTrue(window.isNext(4 * WINDOW + 1));
        for (int counter = 3 * WINDOW + 1; counter <= 4 * WINDOW; counter++) {
            assertEquals(counter * 2L, window.sequenceOf(counter));
        }
        assertEquals(NonceWindow.FORGOTTEN, window.sequenceOf(4 * WINDOW + 1));
    }

    @Test
    void shouldGoOnBeyondTheGreatestCounter() {
        NonceWindow wrapped = windowAt(-2);

        wrapped.accept(-1, 500, 0);
        wrapped.accept(0, 501, 0);
        wrapped.accept(1, 502, 0);

        assertEquals(500, wrapped.sequenceOf(-1));
        assertEquals(502, wrapped.sequenceOf(1));
        assertTrue(wrapped.isNext(2));
        assertTrue(wrapped.isRepeat(-1));
    }

    private static NonceWindow windowAt(int counter) {
        NonceWindow window = new NonceWindow(WINDOW);
        window.accept(counter, 499, 0);
        return window;
    }

    @Test
    void shouldReplaceWhatItKnowsWhenAnInstanceStartsOver() {
        window.accept(1, 10, 1);
        window.accept(2, 11, 2);
        NonceWindow later = new NonceWindow(WINDOW);
        later.accept(1, 90, 3);

        window.append(later);

        assertEquals(90, window.sequenceOf(1));
        assertEquals(NonceWindow.FORGOTTEN, window.sequenceOf(2));
        assertTrue(window.isNext(2));
        assertEquals(3, window.lastTimeUs());
    }

    @Test
    void shouldAgreeWithAMapOverRandomAcceptsUndosAndCopies() {
        for (long seed = 0; seed < 200; seed++) {
            agreeWithAMap(seed);
        }
    }

    private static void agreeWithAMap(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        NonceWindow window = new NonceWindow(WINDOW);
        Map<Integer, Long> model = new HashMap<>();
        int counter = 0;
        int kept = 0;
        long sequence = 0;
        for (int step = 0; step < 300; step++) {
            if (random.nextInt(10) == 0 && counter > kept) {
                counter = random.nextInt(kept, counter);
                window.undo(counter + 1);
            } else if (random.nextInt(10) == 0) {
                window = copy(window);
            } else {
                counter++;
                sequence += random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 1;
                window.accept(counter, sequence, step);
                window.used(step);
                model.put(counter, sequence);
                kept = Math.max(kept, counter - WINDOW);
            }
            assertEquals(counter, window.lastCounter(), "seed " + seed);
            for (int back = 0; back < WINDOW && counter - back > 0; back++) {
                assertEquals(model.get(counter - back), window.sequenceOf(counter - back), "seed " + seed);
            }
        }
    }

    private static NonceWindow window(int first, int last, long ahead, long timeUs) {
        NonceWindow filled = new NonceWindow(WINDOW);
        for (int counter = first; counter <= last; counter++) {
            filled.accept(counter, counter + ahead, timeUs);
        }
        return filled;
    }

    @Test
    void shouldExtendWhatASnapshotToldByWhatCameSince() {
        NonceWindow told = window(1, 5, 100, 10);
        told.extend(window(4, 7, 100, 20));
        assertEquals(7, told.lastCounter());
        assertEquals(102, told.sequenceOf(2));
        assertEquals(107, told.sequenceOf(7));
        assertEquals(20, told.lastTimeUs());
        assertTrue(told.isNext(8));
    }

    @Test
    void shouldNotChangeByWhatItKnows() {
        NonceWindow told = window(1, 5, 100, 10);
        told.extend(window(2, 4, 100, 5));
        told.extend(new NonceWindow(WINDOW));
        assertEquals(5, told.lastCounter());
        assertEquals(101, told.sequenceOf(1));
        assertEquals(10, told.lastTimeUs());
    }

    @Test
    void shouldBeReplacedByALaterStartOver() {
        NonceWindow told = window(1, 5, 100, 10);
        told.extend(window(1, 2, 300, 20));
        assertEquals(2, told.lastCounter());
        assertEquals(301, told.sequenceOf(1));
        assertEquals(NonceWindow.FORGOTTEN, told.sequenceOf(5));
    }

    private static NonceWindow copy(NonceWindow window) {
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        window.encode(buffer, 3);
        assertEquals(window.usedUs(), NonceWindow.encodedUsedUs(buffer, 3));
        NonceWindow copy = NonceWindow.decode(WINDOW, buffer, 3);
        assertEquals(window.lastTimeUs(), copy.lastTimeUs());
        assertEquals(window.usedUs(), copy.usedUs());
        return copy;
    }
}
