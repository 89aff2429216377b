package io.freshet.engine.signal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.StateReads;
import io.freshet.engine.routing.TestShard;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.Count;
import io.freshet.protocol.v1.LiveSettings;
import io.freshet.protocol.v1.Signal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One channel's signals on two reactors, tick by tick: who is told what, and which counters there are. */
@Timeout(60)
class SignalTicksTest {
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final TestShard shard = new TestShard(Durability.WRITTEN);
    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
    private final Ownership owner = new Ownership();
    private final CycleClock clock = new CycleClock(() -> this.nowNs, () -> this.nowNs / 1000);
    private final ReactorCounters counters = new ReactorCounters(() -> 1);
    private final List<ReactorSignals> reactors = new ArrayList<>();
    private final ShardSignals signals;
    private final Listener ann = new Listener();
    private final Listener bob = new Listener();
    private final Seat annSeat;
    private final Seat bobSeat;
    private final Producer producer;
    private long nowNs = 1_000_000_000_000L;
    private int published;

    SignalTicksTest() {
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
        for (int i = 0; i < 2; i++) {
            Feeds feeds = new Feeds(1 << 20, 1, clock, owner, channel -> {}, counters);
            ReactorSignals reactor = new ReactorSignals(i, feeds, owner, counters);
            reactor.addRoute(signals, null);
            signals.addTarget(reactor, null);
            reactors.add(reactor);
        }
        producer = shard.attach(1);
        annSeat = reactors.get(0).sit(TestShard.CHANNEL, ann, null, 1);
        bobSeat = reactors.get(1).sit(TestShard.CHANNEL, bob, null, 2);
    }

    @AfterEach
    void close() {
        reactors.forEach(ReactorSignals::close);
        shard.close();
        storage.close();
    }

    private void tick() throws Exception {
        nowNs += TICK_NS;
        clock.forget();
        reactors.forEach(ReactorSignals::onTick);
        signals.onTick();
        commit();
    }

    private void ticks(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            tick();
        }
    }

    private void commit() throws Exception {
        shard.shard.commit();
        shard.runAgents();
        shard.shard.commit();
    }

    private static @Nullable ErrorCode count(Seat seat, String name, boolean mayMake) {
        byte[] bytes = name.getBytes(UTF_8);
        return seat.count(Unpooled.wrappedBuffer(bytes), 0, bytes.length, 1, mayMake);
    }

    private static Map<String, Long> totals(Signal signal) {
        Map<String, Long> totals = new TreeMap<>();
        for (Count count : signal.getCountsList()) {
            totals.put(count.getName(), count.getTotal());
        }
        return totals;
    }

    private void publish(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            assertNull(shard.publish(producer, ++published, 10));
            commit();
        }
    }

    private void change(ChannelAttributes attributes) throws Exception {
        byte[] payload = attributes.toByteArray();
        ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer();
        RecordFrame.writeHead(frame, EventKind.ATTRIBUTES.code(), TestShard.CHANNEL, 0, 0, 0, 0, payload.length);
        frame.writeBytes(payload);
        assertNull(shard.shard.publish(producer, frame, 0, frame.readableBytes()));
        frame.release();
        commit();
    }

    @Test
    void shouldKeepTheSixteenPlacesFromNamesOfThoseWhoMakeNoCounter() throws Exception {
        bobSeat.watch(true);
        Seat reader = reactors.get(0).sit(TestShard.CHANNEL, new Listener(), null, 3);
        for (int tick = 0; tick < 5; tick++) {
            for (int i = 0; i < SignalFrame.COUNTER_COUNT; i++) {
                assertNull(count(reader, "junk" + tick + "-" + i, false));
            }
            assertNull(count(annSeat, "hearts", true));
            tick();
        }
        assertEquals("{hearts=5}", totals(bob.last()).toString());
    }

    @Test
    void shouldCountWhatReadersAddToTheCountersThatThereAre() throws Exception {
        annSeat.watch(true);
        assertNull(count(annSeat, "hearts", true));
        tick();
        assertNull(count(bobSeat, "hearts", false));
        tick();
        assertNull(count(bobSeat, "hearts", false));
        assertNull(count(bobSeat, "claps", false));
        tick();
        assertEquals("{hearts=3}", totals(ann.last()).toString());
    }

    @Test
    void shouldRefuseTheSeventeenthCounterInWhicheverTickItIsNamed() throws Exception {
        for (int i = 0; i < SignalFrame.COUNTER_COUNT; i++) {
            assertNull(count(annSeat, "c" + i, true));
        }
        assertEquals(ErrorCode.TOO_MANY_COUNTERS, count(annSeat, "more", true), "in the same tick");
        reactors.get(0).handOver();
        assertEquals(ErrorCode.TOO_MANY_COUNTERS, count(annSeat, "more", true), "handed over");
        tick();
        assertEquals(ErrorCode.TOO_MANY_COUNTERS, count(annSeat, "more", true), "told");
        assertNull(count(bobSeat, "c3", true));
        tick();
        assertEquals(ErrorCode.TOO_MANY_COUNTERS, count(bobSeat, "more", true), "on another reactor");
        assertNull(count(bobSeat, "c5", true));
    }

    @Test
    void shouldMakeOnlyTheCountersThatTheChannelsAttributesName() throws Exception {
        annSeat.watch(true);
        assertNull(count(annSeat, "old", true));
        tick();
        change(ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_LIVE)
                .setLive(LiveSettings.newBuilder().addCounters("hearts").addCounters("claps"))
                .build());
        for (int tick = 0; tick < 20; tick++) {
            for (int i = 0; i < SignalFrame.COUNTER_COUNT; i++) {
                assertTrue(count(bobSeat, "junk" + tick + "-" + i, true) != ErrorCode.INVALID_ARGUMENT);
            }
            tick();
        }
        assertNull(count(bobSeat, "hearts", true));
        assertNull(count(annSeat, "claps", true));
        assertNull(count(annSeat, "old", true));
        tick();
        assertEquals("{claps=1, hearts=1, old=2}", totals(ann.last()).toString());
    }

    @Test
    void shouldTellWhoStillWritesThatTheOthersHaveStopped() throws Exception {
        annSeat.watch(true);
        bobSeat.watch(true);
        tick();
        int before = ann.heard.size();
        annSeat.typing(true);
        tick();
        assertEquals(before, ann.heard.size(), "who writes alone is not told");
        assertEquals(1, bob.last().getTypistCount());
        bobSeat.typing(true);
        tick();
        assertEquals(List.of(1L, 2L), ann.last().getTypistsList());
        bobSeat.typing(false);
        tick();
        assertEquals(List.of(1L), ann.last().getTypistsList());
    }

    @Test
    void shouldGiveNoPaceOfTheTimeInWhichNobodyWatched() throws Exception {
        annSeat.watch(true);
        ticks(10);
        publish(20);
        ticks(10);
        assertEquals(20, ann.last().getRecordsPerSecond());
        annSeat.watch(false);
        ticks(3);
        publish(300);
        annSeat.watch(true);
        ann.heard.clear();
        ticks(30);
        assertTrue(
                ann.heard.stream().allMatch(signal -> signal.getRecordsPerSecond() == 0), () -> ann.heard.toString());
    }

    @Test
    void shouldTellAgainWhatHoldsWhoAsksAgain() throws Exception {
        annSeat.watch(true);
        ticks(3);
        int before = ann.heard.size();
        assertTrue(before > 0);
        annSeat.watch(true);
        ticks(3);
        assertEquals(before + 1, ann.heard.size());
    }

    @Test
    void shouldListOnceWhoWatchesAndDoesNotOverAndOver() {
        Audience audience = new Audience(TestShard.CHANNEL);
        Listener slow = new Listener();
        slow.reads = false;
        Seat other = new Seat(reactors.get(0), audience, slow, null, 5);
        Seat seat = new Seat(reactors.get(0), audience, slow, null, 6);
        audience.add(other);
        assertEquals(0, audience.catchUp());
        for (int i = 0; i < 10_000; i++) {
            audience.add(seat);
            if (i % 3 == 0) {
                assertEquals(0, audience.catchUp());
            }
            audience.remove(seat);
        }
        assertTrue(audience.behindCount() <= 2, () -> audience.behindCount() + " are listed");
        audience.catchUp();
        assertEquals(1, audience.behindCount());
    }

    @Test
    void shouldGiveUpTheTotalsOfAChannelThatIsOver() throws Exception {
        assertNull(count(annSeat, "hearts", true));
        tick();
        tick();
        assertTrue(signals.isSaved());
        change(ChannelAttributes.newBuilder().setDeleted(true).build());
        assertNull(count(annSeat, "hearts", true));
        tick();
        nowNs += TimeUnit.SECONDS.toNanos(11);
        ticks(3);
        assertTrue(signals.isSaved(), "nothing is tried for ever");
    }
}
