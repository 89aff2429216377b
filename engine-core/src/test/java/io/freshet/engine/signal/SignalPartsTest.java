package io.freshet.engine.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.Signal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What signals are made of: who is writing and for how long, counters by name, hints of the pace, the way to another reactor. */
class SignalPartsTest {
    private static final long S = 1_000_000_000;

    @Test
    void shouldForgetWhoHasNotSaidAgainThatTheyAreWriting() {
        TypingList typing = new TypingList();
        assertTrue(typing.begin(7, 0));
        assertFalse(typing.begin(7, 3 * S), "no news");
        assertTrue(typing.begin(3, 4 * S));
        assertEquals(0, typing.sole());
        assertFalse(typing.expire(8 * S));
        assertTrue(typing.expire(9 * S));
        assertEquals(3, typing.sole());
        assertTrue(typing.end(3));
        assertFalse(typing.end(3));
        assertTrue(typing.isEmpty());
    }

    @Test
    void shouldNameThoseWhoAreWritingWhileTheyAreFew() {
        TypingList typing = new TypingList();
        for (int i = SignalFrame.NAMED_TYPISTS; i > 0; i--) {
            typing.begin(i, 0);
        }
        Signal.Builder few = Signal.newBuilder();
        typing.writeTo(few);
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L), few.getTypistsList());
        typing.begin(99, 0);
        Signal.Builder many = Signal.newBuilder();
        typing.writeTo(many);
        assertEquals(List.of(), many.getTypistsList());
        assertEquals(11, many.getTypistCount());
    }

    @Test
    void shouldRoundThePaceDownToARowThatSeldomChanges() {
        assertEquals(0, PaceHint.round(0));
        assertEquals(1, PaceHint.round(1));
        assertEquals(2, PaceHint.round(4));
        assertEquals(5, PaceHint.round(9));
        assertEquals(10, PaceHint.round(19));
        assertEquals(500_000, PaceHint.round(999_999));
        assertEquals(500_000_000, PaceHint.round(Long.MAX_VALUE));
    }

    @Test
    void shouldMakeACounterOnlyForThoseWhoMayAndWhileThereIsRoom() {
        CounterTable all = new CounterTable();
        assertFalse(all.add(counter("hearts", 1, false), false));
        assertTrue(all.add(counter("hearts", 1, true), false));
        assertTrue(all.add(counter("hearts", 2, false), false));
        assertEquals(3, all.counters().get(0).value());
        for (int i = 1; i < SignalFrame.COUNTER_COUNT; i++) {
            assertTrue(all.add(counter("c" + i, 1, true), false));
        }
        assertFalse(all.add(counter("one-more", 1, true), false));
        assertTrue(all.add(counter("c3", Long.MAX_VALUE, true), false));
        assertEquals(Long.MAX_VALUE, all.counters().get(3).value(), "it stays there");
        ByteBuf name = Unpooled.copiedBuffer("xc3", StandardCharsets.UTF_8);
        assertEquals(all.counters().get(3), all.find(name, 1, 2));
        assertNull(all.find(name, 0, 3));
    }

    private static Counter counter(String name, long value, boolean isMade) {
        Counter counter = new Counter(name.getBytes(StandardCharsets.UTF_8));
        counter.add(value);
        if (isMade) {
            counter.made();
        }
        return counter;
    }

    @Test
    void shouldSendOneMessageAtATimeAndKeepNoneThatWasNotTaken() {
        Mailbox mailbox = new Mailbox(2, 2);
        ReactorProxy target = new ReactorProxy(mailbox, () -> {});
        SignalLane lane = new SignalLane(target);
        SignalLane other = new SignalLane(target);
        List<String> arrived = new ArrayList<>();
        assertTrue(lane.send(() -> arrived.add("first")));
        assertFalse(lane.isFree());
        assertFalse(lane.send(() -> arrived.add("second")));
        assertTrue(target.offerData(() -> {}));
        assertFalse(other.send(() -> arrived.add("refused")), "the mailbox is full");
        assertTrue(other.isFree());
        mailbox.drain(10);
        assertTrue(lane.isFree() && lane.send(() -> arrived.add("third")));
        mailbox.drain(10);
        assertEquals(List.of("first", "third"), arrived);
    }
}
