package io.freshet.engine.routing;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.Rate;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.metrics.ShardCounter;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShardTest {
    private static final long CHANNEL = 4;
    private static final int INSTANCE = 7;
    private static final int WINDOW = 16;
    private static final long MEMORY_US = 60_000_000;
    private static final long IDLE_NS = 1_000_000_000;
    private final MemoryDisk disk = new MemoryDisk();
    private final List<String> told = new ArrayList<>();
    private final BatchWindows windows = new BatchWindows(1, 25_000_000, 0);
    private final ShardCounters counters = new ShardCounters(() -> 1);
    private long nowUs = 1_000_000_000;
    private @Nullable MemoryStorage storage;
    private @Nullable CycleClock clock;

    private Shard shard(Durability durability) {
        MemoryStorage opened =
                MemoryStorage.open(disk, StorageConfig.builder().shardCount(1).build());
        storage = opened;
        opened.index(0).addFollower(new NonceFollower(WINDOW, MEMORY_US, () -> nowUs * 1000));
        opened.index(0).catchUp();
        IndexReader reader = opened.index(0).openReader();
        CycleClock cycle = new CycleClock(() -> nowUs * 1000, () -> nowUs);
        clock = cycle;
        StateReads reads = new StateReads() {
            @Override
            public <T> void submit(
                    Function<IndexReader, T> read, Consumer<T> answer, Consumer<RuntimeException> failure) {
                answer.accept(read.apply(reader));
            }
        };
        return new Shard(
                opened.log(0),
                opened.index(0),
                new ShardConfig(durability, WINDOW, MEMORY_US, IDLE_NS, Rate.UNLIMITED, 0),
                reads,
                (batch, interest) -> told.add("visible " + batch.firstSequence() + ".." + batch.lastSequence()),
                cycle,
                new Ownership(),
                ByteBufAllocator.DEFAULT,
                windows,
                counters);
    }

    private MemoryStorage storage() {
        return Objects.requireNonNull(storage);
    }

    @AfterEach
    void close() {
        storage().close();
    }

    private final Publisher publisher = new Publisher() {
        @Override
        public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {
            told.add("published " + (int) firstNonce + "x" + count + " at " + firstSequence);
        }

        @Override
        public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
            told.add("refused " + (int) firstNonce + "x" + count + " " + code);
        }
    };

    private Producer attach(Shard shard) {
        List<Producer> attached = new ArrayList<>();
        shard.attach(CHANNEL, new Attachment(0, 42, INSTANCE, true, publisher, new Attachment.Listener() {
            @Override
            public void onAttached(
                    Producer producer, int epoch, long head, long first, int counter, @Nullable KnownAttributes none) {
                told.add("attached at " + head + " counter " + counter);
                attached.add(producer);
            }

            @Override
            public void onAttachFailed(ErrorCode code) {
                told.add("not attached " + code);
            }
        }));
        return attached.get(0);
    }

    private static @Nullable ErrorCode publish(Shard shard, Producer producer, int counter) {
        return publish(shard, producer, counter, 3);
    }

    private static @Nullable ErrorCode publish(Shard shard, Producer producer, int counter, int payloadLength) {
        ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer();
        try {
            long nonce = (long) INSTANCE << 32 | Integer.toUnsignedLong(counter);
            RecordFrame.writeHead(frame, 0, CHANNEL, 0, 0, 0, nonce, payloadLength);
            frame.writeZero(payloadLength);
            return shard.publish(producer, frame, 0, frame.readableBytes());
        } finally {
            frame.release();
        }
    }

    private void assertTold(String... expected) {
        assertEquals(List.of(expected), told);
        told.clear();
    }

    @Test
    void shouldAcknowledgeAndShowABatchOnlyOnceItIsCommitted() {
        Shard shard = shard(Durability.WRITTEN);
        Producer producer = attach(shard);
        assertNull(publish(shard, producer, 1));
        assertNull(publish(shard, producer, 2));
        assertTold("attached at 0 counter 0");

        shard.commit();

        assertTold("published 1x2 at 1", "visible 1..2");
    }

    /** Writing this reactor's small batches took 20 ms. */
    private void openWindow() {
        windows.onFlush(0, nowUs * 1000 - 20_000_000, nowUs * 1000, 1000, 1000 * BatchWindows.ENOUGH_LENGTH / 2);
    }

    private void pass(long us) {
        nowUs += us;
        Objects.requireNonNull(clock).forget();
    }

    @Test
    void shouldKeepABatchOpenForAsLongAsSmallWritesTookInProportion() {
        Shard shard = shard(Durability.WRITTEN);
        Producer producer = attach(shard);
        told.clear();
        openWindow();
        publish(shard, producer, 1);
        shard.commit();
        assertEquals(5_000_000, shard.heldNs());
        assertTrue(counters.value(ShardCounter.HELD) > 0);
        pass(4_999);
        publish(shard, producer, 2);
        shard.commit();
        assertTold();
        assertEquals(1_000, shard.heldNs());

        pass(1);
        shard.commit();

        assertTold("published 1x2 at 1", "visible 1..2");
        assertEquals(0, shard.heldNs());
    }

    @Test
    void shouldCommitAFullBatchWithinTheWindowAndKeepTheNextOpen() {
        Shard shard = shard(Durability.WRITTEN);
        Producer producer = attach(shard);
        told.clear();
        openWindow();
        publish(shard, producer, 1, 40_000);
        publish(shard, producer, 2, 40_000);
        shard.commit();
        assertTold("published 1x1 at 1", "visible 1..1");

        pass(5_000);
        shard.commit();

        assertTold("published 2x1 at 2", "visible 2..2");
    }

    @Test
    void shouldTakeBackAlsoWhatIsKeptOpenWhenAnAppendFails() {
        Shard shard = shard(Durability.WRITTEN);
        Producer producer = attach(shard);
        told.clear();
        storage().faults(0).refuse(MessageLog.NO_SPACE);
        openWindow();
        publish(shard, producer, 1, 40_000);
        publish(shard, producer, 2, 40_000);
        shard.commit();
        assertTold("refused 1x1 STORAGE_FULL", "refused 2x1 STORAGE_FULL");
        assertEquals(0, shard.heldNs());

        storage().faults(0).accept();
        pass(5_000);
        publish(shard, producer, 1);
        shard.commit();

        assertTold("published 1x1 at 1", "visible 1..1");
    }

    @Test
    void shouldNotMakeAChannelWithoutSubscribersWait() {
        Shard shard = shard(Durability.WRITTEN);
        Producer producer = attach(shard);
        shard.removeInterest(CHANNEL, 0);
        told.clear();
        openWindow();
        publish(shard, producer, 1);
        shard.commit();

        assertTold("published 1x1 at 1", "visible 1..1");
    }

    @Test
    void shouldHoldBackASyncedBatchUntilTheSync() throws Exception {
        Shard shard = shard(Durability.SYNCED);
        Producer producer = attach(shard);
        told.clear();
        storage().faults(0).holdSync();
        publish(shard, producer, 1);
        shard.commit();
        runAgents();
        shard.commit();
        assertTold();

        storage().faults(0).releaseSync();
        runAgents();
        shard.commit();

        assertTold("published 1x1 at 1", "visible 1..1");
    }

    private void runAgents() throws Exception {
        for (int i = 0; i < 4; i++) {
            for (Agent agent : storage().agents()) {
                agent.doWork();
            }
        }
    }

    @Test
    void shouldRefuseAJumpAndAnswerARepeatWithItsSequence() {
        Shard shard = shard(Durability.WRITTEN);
        Producer producer = attach(shard);
        publish(shard, producer, 1);
        assertEquals(ErrorCode.NONCE_JUMP, publish(shard, producer, 3));
        assertNull(publish(shard, producer, 1));
        told.clear();
        shard.commit();
        assertTold("published 1x1 at 1", "published 1x1 at 1", "visible 1..1");

        assertNull(publish(shard, producer, 1));

        assertTold("published 1x1 at 1");
    }

    @Test
    void shouldRefuseMoreWithoutAnAnswerThanASessionMayHave() throws Exception {
        Shard shard = shard(Durability.SYNCED);
        Producer producer = attach(shard);
        told.clear();
        storage().faults(0).holdSync();
        for (int counter = 1; counter < WINDOW; counter++) {
            assertNull(publish(shard, producer, counter));
        }
        shard.commit();
        assertNull(publish(shard, producer, 1)); // a repeat waits with the first
        assertEquals(ErrorCode.TOO_MANY_IN_FLIGHT, publish(shard, producer, WINDOW));
        assertEquals(ErrorCode.TOO_MANY_IN_FLIGHT, publish(shard, producer, 2));
        assertEquals(ErrorCode.NONCE_JUMP, publish(shard, producer, WINDOW + 1));

        storage().faults(0).releaseSync();
        runAgents();
        shard.commit();
        assertTold("published 1x1 at 1", "published 1x15 at 1", "visible 1..15");
        for (int counter = WINDOW; counter < 2 * WINDOW; counter++) {
            assertNull(publish(shard, producer, counter));
        }
        assertEquals(ErrorCode.TOO_MANY_IN_FLIGHT, publish(shard, producer, 2 * WINDOW));
        storage().faults(0).refuse(MessageLog.NO_SPACE);
        shard.commit();
        told.clear();
        storage().faults(0).accept();
        assertNull(publish(shard, producer, WINDOW));
        shard.commit();
        runAgents();
        shard.commit();
        assertTold("published 16x1 at 16", "visible 16..16");
    }

    @Test
    void shouldRefuseWhatAnOlderConnectionOfTheInstanceStillHasUnderWay() {
        Shard shard = shard(Durability.WRITTEN);
        Producer older = attach(shard);
        publish(shard, older, 1);
        Producer newer = attach(shard);

        assertEquals(ErrorCode.NOT_OPEN, publish(shard, older, 2));
        assertNull(publish(shard, newer, 2));

        shard.detach(newer);
        assertEquals(ErrorCode.NOT_OPEN, publish(shard, newer, 3));
        shard.commit();
    }

    @Test
    void shouldTakeBackSequencesAndNoncesWhenAnAppendFails() {
        Shard shard = shard(Durability.WRITTEN);
        Producer producer = attach(shard);
        publish(shard, producer, 1);
        shard.commit();
        told.clear();
        storage().faults(0).refuse(MessageLog.NO_SPACE);
        publish(shard, producer, 2);
        publish(shard, producer, 3);
        publish(shard, producer, 2);
        shard.commit();
        assertTold("refused 2x2 STORAGE_FULL", "refused 2x1 STORAGE_FULL");

        storage().faults(0).accept();
        assertEquals(ErrorCode.NONCE_JUMP, publish(shard, producer, 3));
        assertNull(publish(shard, producer, 2));
        shard.commit();

        assertTold("published 2x1 at 2", "visible 2..2");
    }

    @Test
    void shouldFenceTheShardWhenItIsUnknownWhatWasKept() throws Exception {
        Shard shard = shard(Durability.SYNCED);
        Producer producer = attach(shard);
        told.clear();
        publish(shard, producer, 1);
        shard.commit();
        storage().faults(0).failSync();
        runAgents();
        shard.commit();

        assertTold("refused 1x1 OUTCOME_UNKNOWN");
        assertEquals(ErrorCode.CHANNEL_UNAVAILABLE, publish(shard, producer, 2));
    }

    @Test
    void shouldRememberNoncesOverACrash() {
        Shard before = shard(Durability.WRITTEN);
        Producer producer = attach(before);
        publish(before, producer, 1);
        publish(before, producer, 2);
        before.commit();
        disk.crash(MemoryDisk.Kept.WRITTEN, false);
        told.clear();

        Shard after = shard(Durability.WRITTEN);
        producer = attach(after);
        assertNull(publish(after, producer, 2));
        assertNull(publish(after, producer, 3));
        after.commit();

        assertTold("attached at 2 counter 2", "published 2x1 at 2", "published 3x1 at 3", "visible 3..3");
    }

    @Test
    void shouldLoadAnEvictedChannelAgainAsItWas() throws Exception {
        Shard shard = shard(Durability.WRITTEN);
        Producer producer = attach(shard);
        publish(shard, producer, 1);
        shard.commit();
        shard.detach(producer);
        shard.removeInterest(CHANNEL, 0);
        nowUs += 10_000_000;
        Objects.requireNonNull(clock).forget();
        shard.onTick();
        assertEquals(1, shard.loadedChannelCount(), "not evicted before the index knows it");
        while (storage().index(0).indexedPosition() < storage().log(0).lastPosition()) {
            runAgents();
        }
        shard.onTick();
        assertEquals(0, shard.loadedChannelCount());
        assertEquals(0, counters.value(ShardCounter.CHANNELS));
        assertEquals(1, counters.value(ShardCounter.CHANNEL_LOADS));
        assertEquals(1, counters.value(ShardCounter.CHANNEL_EVICTIONS));
        told.clear();

        producer = attach(shard);
        publish(shard, producer, 2);
        shard.commit();

        assertTold("attached at 1 counter 1", "published 2x1 at 2", "visible 2..2");
    }

    @Test
    void shouldNotStampEarlierAfterARestartWhenTheClockWasSetBack() {
        Shard before = shard(Durability.WRITTEN);
        Producer producer = attach(before);
        storage().faults(0).refuse(MessageLog.FAILED);
        publish(before, producer, 1);
        before.commit();
        storage().faults(0).accept();
        nowUs -= 5_000_000;
        Objects.requireNonNull(clock).forget();
        publish(before, producer, 1);
        before.commit();
        disk.crash(MemoryDisk.Kept.WRITTEN, false);

        Shard after = shard(Durability.WRITTEN);
        publish(after, attach(after), 2);
        after.commit();

        List<Long> stamps = stamps();
        assertEquals(2, stamps.size());
        assertTrue(stamps.get(0) <= stamps.get(1), "stamps " + stamps);
    }

    private List<Long> stamps() {
        List<Long> stamps = new ArrayList<>();
        try (LogReader reader = storage().log(0).openReader()) {
            reader.toStart();
            while (reader.next()) {
                LogDocument document = reader.document();
                for (int run = 0; run < document.runCount(); run++) {
                    int offset = document.recordOffset(run, 0) + RecordFrame.TIMESTAMP_US_OFFSET;
                    stamps.add(document.buffer().getLong(offset, LITTLE_ENDIAN));
                }
            }
        }
        return stamps;
    }
}
