package io.freshet.engine.signal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.engine.routing.StateReads;
import io.freshet.engine.routing.TestShard;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A reactor whose mailbox has no room for what a channel's owner says. */
@Timeout(60)
final class MissedSignalsTest {
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final TestShard shard = new TestShard(Durability.WRITTEN);
    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
    private final Ownership owner = new Ownership();
    private final CycleClock clock = new CycleClock(() -> this.nowNs, () -> this.nowNs / 1000);
    private final Mailbox mailbox = new Mailbox(2, 2);
    private final ReactorProxy target = new ReactorProxy(mailbox, () -> {});
    private final ShardSignals signals;
    private final ReactorSignals far;
    private long nowNs = 1_000_000_000_000L;

    MissedSignalsTest() {
        storage.index(0).addFollower(new TotalsFollower());
        storage.index(0).catchUp();
        IndexReader reader = storage.index(0).openReader();
        StateReads reads = new StateReads() {
            @Override
            public <T> void submit(
                    Function<IndexReader, T> read, Consumer<T> answer, Consumer<RuntimeException> failure) {
                answer.accept(read.apply(reader));
            }
        };
        signals = new ShardSignals(
                shard.shard, 0, reads, clock, owner, ByteBufAllocator.DEFAULT, new ShardCounters(() -> 1));
        ReactorCounters counters = new ReactorCounters(() -> 1);
        far = new ReactorSignals(0, new Feeds(1 << 20, 1, clock, owner, channel -> {}, counters), owner, counters);
        far.addRoute(signals, null);
        signals.addTarget(far, target);
    }

    @AfterEach
    void close() {
        mailbox.drain(10);
        far.close();
        shard.close();
        storage.close();
    }

    private void tick() {
        nowNs += TICK_NS;
        clock.forget();
        far.onTick();
        signals.onTick();
        shard.shard.commit();
    }

    private void count(Seat seat) {
        byte[] name = "hearts".getBytes(UTF_8);
        assertNull(seat.count(Unpooled.wrappedBuffer(name), 0, name.length, 1, true));
    }

    @Test
    void shouldTellAReactorAgainThatHadNoRoom() {
        Listener listener = new Listener();
        Seat seat = far.sit(TestShard.CHANNEL, listener, null, 1);
        seat.watch(true);
        count(seat);
        for (int i = 0; i < 3; i++) {
            tick();
            mailbox.drain(10);
        }
        assertEquals(1, listener.last().getCounts(0).getTotal());
        assertTrue(target.offerData(() -> {}));
        assertTrue(target.offerData(() -> {}));
        count(seat);
        tick();
        assertFalse(target.offerData(() -> {}), "there is room");
        mailbox.drain(10);
        assertEquals(1, listener.last().getCounts(0).getTotal());
        tick();
        mailbox.drain(10);
        assertEquals(2, listener.last().getCounts(0).getTotal());
    }
}
