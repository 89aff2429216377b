package io.freshet.engine.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.Rate;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.engine.routing.Attachment;
import io.freshet.engine.routing.Batch;
import io.freshet.engine.routing.BatchWindows;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.Publisher;
import io.freshet.engine.routing.Shard;
import io.freshet.engine.routing.ShardConfig;
import io.freshet.log.Durability;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.DeliveryMode;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What subscriptions of each mode get: one reactor's feed, ready lists, cold reads and log, on a clock that is given. */
class PacesTest {
    private static final long CHANNEL = 4;
    private static final int WINDOW_LENGTH = 4096;
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int STEP_COUNT = 1500;

    private final ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
    private final ReactorCounters counters = new ReactorCounters(() -> 1);
    private final List<PacedReader> readers = new ArrayList<>();
    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
    private final Mailbox mailbox = new Mailbox(64, 64);
    private final ReactorProxy proxy = new ReactorProxy(mailbox, () -> {});
    private final ColdReader reader = new ColdReader(storage, allocator, 64, () -> {});
    private final ReaderProxy readerProxy = new ReaderProxy(reader, proxy, 1);
    private ColdReads coldReads = new ColdReads(readerProxy, 2, counters);
    private long nowNs = 1;
    private boolean losesBatches;
    private @Nullable Producer producer;
    private @Nullable Feed feed;
    private final CycleClock clock = new CycleClock(() -> nowNs, () -> nowNs / 1000);
    private final Feeds feeds = new Feeds(WINDOW_LENGTH, 1, clock, new Ownership(), channel -> {}, counters);
    private final Shard shard = new Shard(
            storage.log(0),
            storage.index(0),
            new ShardConfig(Durability.WRITTEN, 16, 1_000_000, Long.MAX_VALUE, Rate.UNLIMITED, 0),
            readerProxy.stateReads(0),
            (batch, interest) -> onCommitted(batch),
            clock,
            new Ownership(),
            allocator,
            new BatchWindows(1, 0, 0),
            new ShardCounters(() -> 1));

    @BeforeEach
    void start() {
        reader.onStart();
        storage.agents().forEach(Agent::onStart);
        feed = feeds.acquire(CHANNEL);
        shard.attach(CHANNEL, new Attachment(0, 1, 7, true, new Deaf(), new Attachment.Listener() {
            @Override
            public void onAttached(
                    Producer attached,
                    int epoch,
                    long head,
                    long first,
                    int nonceCounter,
                    @Nullable KnownAttributes attributes) {
                producer = attached;
            }

            @Override
            public void onAttachFailed(ErrorCode code) {
                throw new AssertionError(code);
            }
        }));
        while (producer == null) {
            cycle();
        }
    }

    @AfterEach
    void close() {
        feeds.close();
        reader.onClose();
        storage.close();
    }

    private void onCommitted(Batch batch) {
        if (losesBatches) {
            feeds.onHead(CHANNEL, batch.lastSequence());
        } else {
            feeds.onBatch(batch);
        }
    }

    private Feed feed() {
        Feed acquired = feed;
        assert acquired != null;
        return acquired;
    }

    private PacedReader reader(String name, DeliveryMode mode, int rate) {
        Pace pace = Pace.of(mode, rate);
        assert pace != null;
        PacedReader made = new PacedReader(name, pace, () -> nowNs);
        readers.add(made);
        return made;
    }

    private PacedReader sampled(String name, int rate) {
        PacedReader made = reader(name, DeliveryMode.DELIVERY_MODE_SAMPLED, rate);
        made.subscribe(feed(), feed().head() + 1, feed().head());
        return made;
    }

    private void publish(int count, int payloadLength) {
        Producer attached = producer;
        assert attached != null;
        for (int i = 0; i < count; i++) {
            ByteBuf frame = allocator.directBuffer();
            RecordFrame.writeHead(frame, 0, CHANNEL, 0, 0, 0, 0, payloadLength);
            frame.writeZero(payloadLength);
            assertNull(shard.publish(attached, frame, 0, frame.readableBytes()));
            frame.release();
        }
    }

    /** A duty cycle, in the order of the reactor's, and a turn of every other agent. */
    private void cycle() {
        clock.forget();
        mailbox.drain(64);
        shard.commit();
        coldReads.advance();
        feeds.sample();
        for (PacedReader each : readers) {
            each.drain();
            each.ready.pump(each, coldReads, 4);
        }
        reader.doWork();
        for (Agent agent : storage.agents()) {
            try {
                agent.doWork();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void pass(long timeNs) {
        nowNs += timeNs;
        cycle();
    }

    @RepeatedTest(60)
    void shouldTellExactlyWhatEachModeSkipsOverAnyStalls(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        publish(random.nextInt(40), 100);
        cycle();
        long head = feed().head();
        add("every", DeliveryMode.DELIVERY_MODE_EVERY, 0, 1 + random.nextLong(head + 1), 0);
        add("latest", DeliveryMode.DELIVERY_MODE_LATEST, 0, 1 + random.nextLong(head + 1), 0);
        add("latest of the last", DeliveryMode.DELIVERY_MODE_LATEST, 0, 1 + random.nextLong(head + 1), head);
        add("sampled", DeliveryMode.DELIVERY_MODE_SAMPLED, 1 + random.nextInt(50), 1 + random.nextLong(head + 1), 0);
        add("sampled of the last", DeliveryMode.DELIVERY_MODE_SAMPLED, 5, 1 + random.nextLong(head + 1), head);
        for (int i = 0; i < 3; i++) {
            add("shared " + i, DeliveryMode.DELIVERY_MODE_SAMPLED, 20, head + 1, head);
        }
        for (int step = 0; step < STEP_COUNT; step++) {
            losesBatches = random.nextInt(20) == 0;
            if (random.nextInt(3) > 0) {
                publish(random.nextInt(random.nextInt(10) == 0 ? 60 : 4), 20 + random.nextInt(300));
            }
            if (random.nextInt(10) == 0) {
                readers.get(random.nextInt(readers.size())).stall(random.nextBoolean());
            }
            pass(random.nextLong(random.nextInt(50) == 0 ? 2000 * MS : 10 * MS));
        }
        losesBatches = false;
        settle(seed);
    }

    private void add(String name, DeliveryMode mode, int rate, long first, long lastOfBacklog) {
        // Without a backlog of its own it stands behind what it has.
        reader(name, mode, rate).subscribe(feed(), first, Math.max(lastOfBacklog, first - 1));
    }

    private void settle(long seed) {
        readers.forEach(each -> each.stall(false));
        for (int i = 0; i < 300; i++) {
            pass(100 * MS);
        }
        long head = feed().head();
        for (PacedReader each : readers) {
            assertEquals(head + 1, each.next(), "of seed " + seed);
            assertEquals(head, each.records.get(each.records.size() - 1), "the newest comes also when it comes late");
        }
        assertEquals(0, coldReads.underWayCount());
        assertEquals(0, counters.value(ReactorCounter.SUBSCRIPTIONS_BEHIND));
        assertEquals(readers.size(), counters.value(ReactorCounter.SUBSCRIPTIONS_AT_HEAD));
        assertTrue(readers.get(1).skippedCount() + readers.get(3).skippedCount() > 0, "nobody skipped anything");
    }

    @Test
    void shouldReadOneChunkWhileAnotherIsSentWhenMuchIsToBeRead() {
        publishInBatches(3_000, 300);
        assertEquals(2, readsAtOnce(1, false));
        assertEquals(1, readsAtOnce(1, true), "what is not sent leaves no room for another");
        assertEquals(1, readsAtOnce(feed().head() - 300, false), "the second would not be needed");
    }

    private void publishInBatches(int count, int payloadLength) {
        for (int i = 0; i < count; i += 10) {
            publish(10, payloadLength);
            cycle();
        }
    }

    /** How many chunks are read at once for one that begins there, and reads all unless it is stalled from the beginning. */
    private int readsAtOnce(long first, boolean isStalled) {
        PacedReader each = reader("from " + first, DeliveryMode.DELIVERY_MODE_EVERY, 0);
        each.stall(isStalled);
        Subscription subscription = each.subscribe(feed(), first, feed().head());
        int greatest = 0;
        for (int i = 0; i < 100; i++) {
            cycle();
            greatest = Math.max(greatest, coldReads.underWayCount());
        }
        assertEquals(!isStalled, subscription.isAtHead());
        assertEquals(0, coldReads.underWayCount());
        return greatest;
    }

    @Test
    void shouldReadNothingBehindTheHeadWhenAReadThatWaitedIsNotNeededAnyMore() {
        coldReads = new ColdReads(readerProxy, 1, counters);
        losesBatches = true;
        publishInBatches(20, 32_700); // two fill a chunk
        publishInBatches(10, 10);
        PacedReader each = reader("a", DeliveryMode.DELIVERY_MODE_SAMPLED, 5);
        Subscription subscription = each.subscribe(feed(), 1, feed().head());
        for (int i = 0; i < 100; i++) {
            cycle();
        }
        assertEquals(30, each.records.size());
        assertTrue(subscription.isAtHead());
        assertEquals(0, coldReads.underWayCount());
    }

    @Test
    void shouldPutASampleTogetherOnceForAllOfOneRate() {
        List<PacedReader> alike = List.of(sampled("a", 10), sampled("b", 10), sampled("c", 10));
        PacedReader other = sampled("d", 20);
        cycle();
        for (int i = 0; i < 4; i++) {
            publish(5, 50);
            pass(100 * MS);
        }
        for (PacedReader each : alike) {
            assertEquals(List.of(5L, 10L, 15L, 20L), each.records);
            for (int i = 0; i < each.shared.size(); i++) {
                assertSame(alike.get(0).shared.get(i), each.shared.get(i));
            }
        }
        int last = alike.get(0).shared.size() - 1;
        assertNotSame(alike.get(0).shared.get(last), other.shared.get(other.shared.size() - 1));
        assertEquals(16, alike.get(0).skippedCount());
    }

    @Test
    void shouldDeliverTheLastRecordOfAChannelThatFallsSilent() {
        PacedReader reader = sampled("a", 2);
        cycle();
        publish(1, 10);
        pass(MS);
        publish(1, 10);
        pass(MS);
        publish(1, 10);
        pass(MS);
        assertEquals(List.of(1L), reader.records);
        assertEquals(1 + MS + 500 * MS, feeds.nextSampleNs(Long.MAX_VALUE));
        pass(500 * MS);
        assertEquals(List.of(1L, 3L), reader.records);
        assertEquals(Long.MAX_VALUE, feeds.nextSampleNs(Long.MAX_VALUE));
    }

    @Test
    void shouldGiveEveryRecordToALatestReaderThatKeepsUp() {
        PacedReader reader = reader("a", DeliveryMode.DELIVERY_MODE_LATEST, 0);
        reader.subscribe(feed(), 1, 0);
        cycle();
        for (int i = 0; i < 100; i++) {
            publish(2, 50);
            pass(MS);
        }
        assertEquals(0, reader.skippedCount());
        assertEquals(200, reader.records.size());
    }

    @Test
    void shouldGoOnWithTheNewestWhenALatestReaderWakes() {
        PacedReader reader = reader("a", DeliveryMode.DELIVERY_MODE_LATEST, 0);
        reader.subscribe(feed(), 1, 0);
        cycle();
        reader.stall(true);
        for (int i = 0; i < 100; i++) {
            publish(2, 100);
            pass(MS);
        }
        int before = reader.records.size();
        reader.stall(false);
        pass(MS);
        assertEquals(before + 1, reader.records.size());
        assertEquals(200, reader.records.get(before));
        assertEquals(199 - before, reader.skippedCount());
    }

    @Test
    void shouldForgetAGroupWithItsLastSubscription() {
        PacedReader reader = reader("a", DeliveryMode.DELIVERY_MODE_SAMPLED, 1);
        Subscription subscription = reader.subscribe(feed(), 1, 0);
        cycle();
        publish(1, 10);
        pass(MS);
        publish(1, 10);
        pass(MS);
        feed().unsubscribe(subscription);
        pass(1000 * MS);
        assertEquals(List.of(1L), reader.records);
        assertEquals(Long.MAX_VALUE, feeds.nextSampleNs(Long.MAX_VALUE));
    }

    @Test
    void shouldNotSampleMoreOftenForWhoLeavesAndComesAgain() {
        PacedReader reader = reader("a", DeliveryMode.DELIVERY_MODE_SAMPLED, 2);
        Subscription subscription = reader.subscribe(feed(), 1, 0);
        cycle();
        publish(1, 10);
        pass(MS);
        assertEquals(List.of(1L), reader.records);
        feed().unsubscribe(subscription);
        feeds.onTick();

        PacedReader again = sampled("b", 2);
        publish(1, 10);
        pass(MS);
        assertEquals(List.of(), again.records);
        pass(500 * MS);
        assertEquals(List.of(2L), again.records);
    }

    @Test
    void shouldNotTakeAnEmptyChunkForASample() {
        PacedReader reader = reader("a", DeliveryMode.DELIVERY_MODE_SAMPLED, 2);
        Subscription subscription = reader.subscribe(feed(), 1, 0);
        publish(1, 10);
        shard.commit();
        subscription.mustRead();
        subscription.deliver(new Chunk(0, GapReason.GAP_REASON_UNSPECIFIED, Unpooled.buffer(1), 0, 17));
        assertFalse(subscription.skipsSample());
        assertEquals(17, subscription.hintPosition());

        subscription.deliver(new Chunk(1, GapReason.GAP_REASON_SKIPPED, Unpooled.buffer(1), 0, 18));
        assertTrue(subscription.skipsSample());
    }

    @Test
    void shouldKnowNoOtherPaces() {
        assertNull(Pace.of(DeliveryMode.UNRECOGNIZED, 0));
        assertNull(Pace.of(DeliveryMode.DELIVERY_MODE_EVERY, 1));
        assertNull(Pace.of(DeliveryMode.DELIVERY_MODE_LATEST, 1));
        assertNull(Pace.of(DeliveryMode.DELIVERY_MODE_SAMPLED, 0));
        assertNull(Pace.of(DeliveryMode.DELIVERY_MODE_SAMPLED, Pace.MAX_RATE + 1));
        assertNull(Pace.of(DeliveryMode.DELIVERY_MODE_SAMPLED, -1));
    }

    private static final class Deaf implements Publisher {
        @Override
        public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {}

        @Override
        public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {}
    }
}
