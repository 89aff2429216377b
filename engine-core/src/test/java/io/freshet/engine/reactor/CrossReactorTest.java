package io.freshet.engine.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.delivery.Feed;
import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.routing.Batch;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.TestShard;
import io.freshet.log.Durability;
import org.junit.jupiter.api.Test;

class CrossReactorTest {
    private static final int LIMIT_BYTES = 128 * 1024;
    private static final int BATCH_COUNT = 15;
    private static final int MESSAGE_COUNT = 1024;

    private final Mailbox mailbox = new Mailbox(MESSAGE_COUNT, 8);
    private final Feeds feeds = new Feeds(
            1 << 20, 1, new CycleClock(() -> 1, () -> 1), new Ownership(), channel -> {}, new ReactorCounters(() -> 1));
    private final CrossReactor peer = new CrossReactor(new ReactorProxy(mailbox, () -> {}), feeds, LIMIT_BYTES);

    @Test
    void shouldTellOnlyOfTheHeadOnceTooManyBytesAreUnderWayHoweverManyMessagesFit() {
        Feed feed = feeds.acquire(TestShard.CHANNEL);
        try (TestShard test = new TestShard(Durability.WRITTEN)) {
            test.listener = (batch, interest) -> peer.send(batch);
            Producer producer = test.attach(7);
            for (int i = 1; i <= BATCH_COUNT; i++) {
                test.publish(producer, i, 30 * 1024);
                test.shard.commit();
            }
        }
        long underWayBytes = peer.underWayBytes();
        assertTrue(underWayBytes >= LIMIT_BYTES, "only " + underWayBytes);
        assertTrue(underWayBytes < LIMIT_BYTES + Batch.MAX_LENGTH, underWayBytes + " bytes");
        assertTrue(peer.coalescedCount() > 0);

        mailbox.drain(MESSAGE_COUNT);
        assertEquals(BATCH_COUNT - peer.coalescedCount(), feed.head());
        assertEquals(0, peer.underWayBytes());
        assertEquals(1, peer.retry());
        mailbox.drain(MESSAGE_COUNT);
        assertEquals(BATCH_COUNT, feed.head());
        feeds.close();
    }
}
