package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.benchmarks.load.Subscription.Role;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.Test;

final class SubscriptionTest {
    private static final int RUN = 17;
    private static final int LENGTH = 64;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(4096);
    private final long address = BufferUtil.address(memory);
    private final Meter meter = new Meter();
    private final LoadChannel channel = new LoadChannel(0, "test");
    private final Outlet first = newOutlet();
    private final Outlet second = newOutlet();

    private Outlet newOutlet() {
        Outlet outlet = new Outlet(channel, 0, RUN, false);
        outlet.open(new FrameTemplate(Unpooled.buffer(8).writeZero(8), LENGTH, FrameTemplate.NO_NONCE), 1, 256, 0);
        return outlet;
    }

    private void publish(Outlet outlet, int count) {
        for (int i = 0; i < count; i++) {
            outlet.write(address + 1024, 0);
        }
    }

    private void deliver(Subscription subscription, int run, int slot, long counter) {
        Payload.write(address, LENGTH, run, slot, 0, counter, 5);
        subscription.onMessage(0, address, LENGTH, 10);
        subscription.settle();
    }

    private Subscription subscriber() {
        return new Subscription(channel, meter, RUN, LENGTH, Role.FREE, 0);
    }

    private void assertCounts(long delivered, long lost, long repeated, long misordered, long damaged, long stray) {
        assertEquals(delivered, meter.delivered, "delivered");
        assertEquals(lost, meter.lost, "lost");
        assertEquals(repeated, meter.repeated, "repeated");
        assertEquals(misordered, meter.misordered, "misordered");
        assertEquals(damaged, meter.damaged, "damaged");
        assertEquals(stray, meter.stray, "stray");
    }

    @Test
    void shouldCountEachPublisherOfAChannelForItself() {
        Subscription subscription = subscriber();
        publish(first, 2);
        publish(second, 2);
        deliver(subscription, RUN, 0, 0);
        deliver(subscription, RUN, 1, 0);
        deliver(subscription, RUN, 1, 1);
        deliver(subscription, RUN, 0, 1);

        assertCounts(4, 0, 0, 0, 0, 0);
        assertEquals(0, subscription.missingCount());
        assertEquals(4, meter.take().deliveries().getTotalCount());
    }

    @Test
    void shouldTakeWhatTheServerSaysThatItSkipsAsPassedAndNothingElse() {
        Subscription subscription = subscriber();
        subscription.mayBeSkipped(11);
        publish(first, 6);
        publish(second, 4);
        deliver(subscription, 11, 0);
        subscription.onGap(12, 3);
        deliver(subscription, 15, 4);
        deliver(subscription, 17, 5);

        assertCounts(3, 1, 0, 0, 0, 0);
        assertEquals(3, subscription.missingCount());
        subscription.onGap(16, 2);
        subscription.onGap(18, 3);
        subscription.settle();

        assertCounts(3, 1, 1, 0, 0, 0);
        assertEquals(0, subscription.missingCount());
        assertEquals(4, subscription.passedCount());
    }

    private void deliver(Subscription subscription, long sequence, long counter) {
        Payload.write(address, LENGTH, RUN, 0, 0, counter, 5);
        subscription.onMessage(sequence, address, LENGTH, 10);
        subscription.settle();
    }

    @Test
    void shouldCountAHoleAsLost() {
        Subscription subscription = subscriber();
        publish(first, 5);
        deliver(subscription, RUN, 0, 0);
        deliver(subscription, RUN, 0, 3);

        assertCounts(2, 2, 0, 0, 0, 0);
        assertEquals(1, subscription.missingCount());
        assertEquals(4, subscription.passedCount());
    }

    @Test
    void shouldCountALateMessageAsMisorderedAndNotAsLost() {
        Subscription subscription = subscriber();
        publish(first, 4);
        deliver(subscription, RUN, 0, 0);
        deliver(subscription, RUN, 0, 3);
        deliver(subscription, RUN, 0, 1);

        assertCounts(3, 1, 0, 1, 0, 0);
    }

    @Test
    void shouldCountARepeatAlsoOfALateMessage() {
        Subscription subscription = subscriber();
        publish(first, 4);
        deliver(subscription, RUN, 0, 0);
        deliver(subscription, RUN, 0, 0);
        deliver(subscription, RUN, 0, 2);
        deliver(subscription, RUN, 0, 1);
        deliver(subscription, RUN, 0, 1);

        assertCounts(3, 0, 2, 1, 0, 0);
    }

    @Test
    void shouldCountDamageAndThenTheHoleThatItLeaves() {
        Subscription subscription = subscriber();
        publish(first, 2);
        Payload.write(address, LENGTH, RUN, 0, 0, 0, 5);
        memory.put(LENGTH - 1, (byte) ~memory.get(LENGTH - 1));
        subscription.onMessage(0, address, LENGTH, 10);
        deliver(subscription, RUN, 0, 1);

        assertCounts(1, 1, 0, 0, 1, 0);
    }

    @Test
    void shouldTellTheMessagesOfOthersFromItsOwn() {
        Subscription subscription = subscriber();
        publish(first, 1);
        deliver(subscription, RUN + 1, 0, 0);
        deliver(subscription, RUN, 2, 0);
        Payload.write(address, LENGTH - 8, RUN, 0, 0, 0, 5);
        subscription.onMessage(0, address, LENGTH - 8, 10);
        subscription.onMessage(0, address, 3, 10);

        assertCounts(0, 0, 0, 0, 1, 3);
    }

    @Test
    void shouldMissOnlyWhatWasPublishedAfterItJoined() {
        publish(first, 10);
        Subscription early = subscriber();
        Subscription late = subscriber();
        Subscription never = subscriber();
        publish(first, 3);
        deliver(early, RUN, 0, 8); // was under way when it joined
        deliver(late, RUN, 0, 11); // 10 should have come

        assertCounts(2, 1, 0, 0, 0, 0);
        assertEquals(4, early.missingCount());
        assertEquals(1, late.missingCount());
        assertEquals(3, never.missingCount());
        never.leave();
        assertEquals(0, never.missingCount());
    }

    @Test
    void shouldExpectEverythingWhenItReadsFromTheFirst() {
        publish(first, 3);
        Subscription subscription = new Subscription(channel, meter, RUN, LENGTH, Role.FROM_FIRST, 0);
        deliver(subscription, RUN, 0, 1);

        assertCounts(1, 1, 0, 0, 0, 0);
        assertEquals(1, subscription.missingCount());
        assertEquals(0, meter.take().deliveries().getTotalCount());
    }

    @Test
    void shouldMakeRoomOnlyForWhatTheSlowestHas() {
        Window window = new Window(4, 1);
        channel.releaseTo(window, 1, Runnable::run);
        Subscription fast = new Subscription(channel, meter, RUN, LENGTH, Role.WAITED_FOR, 0);
        Subscription slow = new Subscription(channel, meter, RUN, LENGTH, Role.WAITED_FOR, 0);
        Subscription free = subscriber();
        publish(first, 4);
        window.take(4);
        for (int i = 0; i < 4; i++) {
            deliver(fast, RUN, 0, i);
        }
        assertEquals(0, window.room());
        deliver(slow, RUN, 0, 0);
        assertEquals(1, window.room());
        for (int i = 1; i < 4; i++) {
            deliver(slow, RUN, 0, i);
        }
        assertEquals(4, window.room());
        assertEquals(0, free.passedCount());
    }
}
