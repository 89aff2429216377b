package io.freshet.engine.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FanOutTest {
    private final CycleClock clock = new CycleClock(() -> 1, () -> 1);
    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
    private final ReactorCounters counters = new ReactorCounters(() -> 1);
    private final Feeds feeds = new Feeds(1 << 20, 1, clock, new Ownership(), channel -> {}, counters);
    private final ReadyList ready = new ReadyList();
    private int offeredCount;

    /** A connection that has room for one batch and no more. */
    private final Outlet outlet = new Outlet() {
        @Override
        public boolean hasRoom() {
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
        ReaderProxy reader = new ReaderProxy(
                new ColdReader(storage, ByteBufAllocator.DEFAULT, 8, () -> {}),
                new ReactorProxy(new Mailbox(8, 8), () -> {}),
                1);
        Feed one = feeds.acquire(1);
        Feed other = feeds.acquire(2);
        ready.add(one.subscribe(outlet, 1));
        ready.add(other.subscribe(outlet, 1));
        ready.pump(outlet, new ColdReads(reader, 1, counters), 2);

        onBatch(1);
        onBatch(2);

        assertEquals(1, offeredCount);
        assertEquals(false, ready.isEmpty(), "it is not to catch up");
    }

    private void onBatch(long channel) {
        Sequencer sequencer = new Sequencer(channel, new LoadedChannel(1, 0, -1, 0, Map.of()), 0);
        Batch batch = sequencer.startBatch(ByteBufAllocator.DEFAULT, 8, new Receipts());
        batch.frames().writeLong(channel);
        batch.added(1);
        feeds.onBatch(batch);
        batch.release();
    }
}
