package io.freshet.engine.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.delivery.ColdReads;
import io.freshet.engine.delivery.Feed;
import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.delivery.Outlet;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.delivery.ReadyList;
import io.freshet.engine.delivery.Subscription;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FanOutTest {
    private final CycleClock clock = new CycleClock(() -> 1, () -> 1);
    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
    private final ReactorCounters counters = new ReactorCounters(() -> 1);
    private final List<Long> unused = new ArrayList<>();
    private final Feeds feeds = new Feeds(1 << 20, 1, clock, new Ownership(), unused::add, counters);
    private final ReadyList ready = new ReadyList();
    private int offeredCount;

    /** A connection that has room for one batch and no more. */
    private final Outlet outlet = new Outlet() {
        @Override
        public boolean hasRoom() {
            return offeredCount == 0;
        }

        @Override
        public boolean isDrained() {
            return offeredCount == 0;
        }

        @Override
        public void offer(ByteBuf frames) {
            offeredCount++;
            frames.release();
        }

        @Override
        public void offerShared(ByteBuf frames) {
            offeredCount++;
        }

        @Override
        public void offerGap(long channel, long firstSequence, long count, GapReason reason) {}

        @Override
        public void becameReady(Subscription subscription) {
            ready.add(subscription);
        }

        @Override
        public void readDone(Subscription subscription) {}

        @Override
        public void failed(Subscription subscription) {}
    };

    @AfterEach
    void close() {
        feeds.close();
        storage.close();
    }

    @Test
    void shouldGiveNothingToAFullConnectionThatStandsAtTheHeadOfAnotherChannel() {
        Feed one = feeds.acquire(1);
        Feed other = feeds.acquire(2);
        ready.add(one.subscribe(outlet, 1));
        ready.add(other.subscribe(outlet, 1));
        ready.pump(outlet, coldReads(), 2);

        onBatch(1);
        onBatch(2);

        assertEquals(1, offeredCount);
        assertEquals(false, ready.isEmpty(outlet), "it is not to catch up");
    }

    @Test
    void shouldLeaveNoHoleForOthersWhenOneConnectionFailsInTheMiddle() {
        Feed feed = feeds.acquire(1);
        Recorder healthy = new Recorder();
        Recorder failing = new Recorder();
        for (Recorder each : List.of(healthy, failing)) {
            each.ready.add(feed.subscribe(each, 1));
            each.ready.pump(each, coldReads(), 2);
        }
        failing.isFailing = true;
        assertThrows(IllegalStateException.class, () -> onBatch(1, 1), "it is asked first");
        onBatch(1, 2);
        onBatch(1, 3);
        healthy.ready.pump(healthy, coldReads(), 8);

        assertEquals(List.of(1L, 2L, 3L), healthy.sequences);
    }

    @Test
    void shouldCountAlsoWhatABatchTakesBesideItsFrames() {
        Feed feed = feeds.acquire(1);
        onBatch(1, 1);
        long one = feeds.windowBytes();
        onBatch(1, 2);
        assertTrue(one >= 2 * 256, one + " bytes for one batch of 256");
        assertEquals(2 * one, feeds.windowBytes());
        feeds.letGo(feed);
    }

    @Test
    void shouldGiveBackTheInterestInAChannelOnlyWhenThereIsNoFeed() {
        feeds.dropInterest(1);
        assertEquals(List.of(1L), unused);
        feeds.acquire(1);
        feeds.dropInterest(1);
        assertEquals(List.of(1L), unused);
    }

    private ColdReads coldReads() {
        ColdReader reader = new ColdReader(storage, ByteBufAllocator.DEFAULT, 8, () -> {});
        return new ColdReads(new ReaderProxy(reader, new ReactorProxy(new Mailbox(8, 8), () -> {}), 1), 1, counters);
    }

    /** Writes down what it gets, or fails once. */
    private static final class Recorder implements Outlet {
        final ReadyList ready = new ReadyList();
        final List<Long> sequences = new ArrayList<>();
        boolean isFailing;

        @Override
        public boolean hasRoom() {
            return true;
        }

        @Override
        public boolean isDrained() {
            return true;
        }

        @Override
        public void offer(ByteBuf frames) {
            offerShared(frames);
            frames.release();
        }

        @Override
        public void offerShared(ByteBuf frames) {
            if (isFailing) {
                isFailing = false;
                throw new IllegalStateException("a connection fails");
            }
            sequences.add(frames.getLong(frames.readerIndex()));
        }

        @Override
        public void offerGap(long channel, long firstSequence, long count, GapReason reason) {
            throw new AssertionError("nothing is missing");
        }

        @Override
        public void becameReady(Subscription subscription) {
            ready.add(subscription);
        }

        @Override
        public void readDone(Subscription subscription) {}

        @Override
        public void failed(Subscription subscription) {}
    }

    private void onBatch(long channel) {
        onBatch(channel, 1);
    }

    /** A batch of one record, which is its number. */
    private void onBatch(long channel, long sequence) {
        Sequencer sequencer = new Sequencer(channel, new LoadedChannel(1, sequence - 1, -1, 0, Map.of(), null), 0);
        Batch batch = sequencer.startBatch(sequencer.newFrames(ByteBufAllocator.DEFAULT, 8), new Receipts());
        batch.frames().writeLong(sequence);
        batch.added(1);
        try {
            feeds.onBatch(batch);
        } finally {
            batch.release();
        }
    }
}
