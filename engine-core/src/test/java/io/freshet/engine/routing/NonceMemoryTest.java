package io.freshet.engine.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.engine.Rate;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * For how long a shard remembers who has published what, while somebody sets the clock on the wall. Two promises: what was published less than the memory
 * ago is known when it comes again, and no new publish is ever taken for an old one.
 */
class NonceMemoryTest {
    private static final long CHANNEL = 4;
    private static final long OTHER_CHANNEL = 8;
    private static final int INSTANCE = 7;
    private static final int OTHER_INSTANCE = 9;
    private static final int WINDOW = 16;
    private static final long MEMORY_US = 60_000_000;
    private static final long HOUR_US = 3_600_000_000L;
    private static final long DAY_US = 24 * HOUR_US;
    private static final long IDLE_NS = 1_000_000_000;

    private final MemoryDisk disk = new MemoryDisk();
    private final List<String> told = new ArrayList<>();
    private long runningUs = 1_000;
    private long wallUs = 400 * DAY_US;
    private MemoryStorage storage;
    private CycleClock clock;
    private Shard shard;
    private int lastCounter;

    @BeforeEach
    void open() {
        storage = MemoryStorage.open(
                disk,
                StorageConfig.builder()
                        .shardCount(1)
                        .checkpointRunCount(1)
                        .syncInterval(Duration.ofMillis(1))
                        .build());
        clock = new CycleClock(() -> runningUs * 1_000, () -> wallUs);
        NonceFollower nonces = new NonceFollower(WINDOW, MEMORY_US, () -> runningUs * 1_000);
        storage.index(0).addFollower(nonces);
        storage.index(0).catchUp();
        nonces.start();
        IndexReader reader = storage.index(0).openReader();
        StateReads reads = new StateReads() {
            @Override
            public <T> void submit(
                    Function<IndexReader, T> read, Consumer<T> answer, Consumer<RuntimeException> failure) {
                answer.accept(read.apply(reader));
            }
        };
        shard = new Shard(
                storage.log(0),
                storage.index(0),
                new ShardConfig(Durability.WRITTEN, WINDOW, MEMORY_US, IDLE_NS, Rate.UNLIMITED, 0),
                reads,
                (batch, interest) -> {},
                clock,
                new Ownership(),
                ByteBufAllocator.DEFAULT,
                new BatchWindows(1, 0, 0),
                new ShardCounters(() -> 1));
    }

    @AfterEach
    void close() {
        shard.close();
        storage.close();
    }

    private final Publisher publisher = new Publisher() {
        @Override
        public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {
            told.add("published " + (int) firstNonce + "x" + count + " at " + firstSequence);
        }

        @Override
        public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
            told.add("refused " + (int) firstNonce + " " + code);
        }
    };

    private Producer attach(long channel, int instance) {
        List<Producer> attached = new ArrayList<>();
        shard.attach(channel, new Attachment(0, 42, instance, false, publisher, new Attachment.Listener() {
            @Override
            public void onAttached(
                    Producer producer, int epoch, long head, long first, int counter, @Nullable KnownAttributes none) {
                lastCounter = counter;
                attached.add(producer);
            }

            @Override
            public void onAttachFailed(ErrorCode code) {
                throw new AssertionError(code);
            }
        }));
        return attached.get(0);
    }

    private @Nullable ErrorCode publish(Producer producer, long channel, int counter) {
        ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer();
        try {
            long nonce = (long) producer.instance() << 32 | counter;
            RecordFrame.writeHead(frame, 0, channel, 0, 0, 0, nonce, 3);
            frame.writeZero(3);
            return shard.publish(producer, frame, 0, frame.readableBytes());
        } finally {
            frame.release();
        }
    }

    /** An instance comes, publishes so many, and leaves, and the shard notices. */
    private void publishAndLeave(long channel, int instance, int count) {
        Producer producer = attach(channel, instance);
        int first = lastCounter + 1;
        for (int i = 0; i < count; i++) {
            assertNull(publish(producer, channel, first + i));
        }
        settle();
        shard.detach(producer);
        tick();
        told.clear();
    }

    /** Everything is committed and indexed, and the shard has had time to look at everybody. */
    private void settle() {
        shard.commit();
        try {
            while (storage.index(0).indexedPosition() < storage.log(0).lastPosition()) {
                for (Agent agent : storage.agents()) {
                    agent.doWork();
                }
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        tick();
    }

    private void tick() {
        clock.forget();
        shard.onTick();
        shard.onTick();
    }

    private void pass(long us) {
        runningUs += us;
        wallUs += us;
        clock.forget();
    }

    private void setWall(long us) {
        wallUs += us;
        clock.forget();
    }

    private void crash() {
        disk.crash(MemoryDisk.Kept.WRITTEN, false);
        shard.close();
        storage.close();
        open();
    }

    /** What the instance is told when it comes, and repeats its last publish and sends the next. */
    private List<String> comeAgain(int counter) {
        Producer producer = attach(CHANNEL, INSTANCE);
        told.clear();
        told.add("counter " + lastCounter);
        assertNull(publish(producer, CHANNEL, counter));
        assertNull(publish(producer, CHANNEL, counter + 1));
        shard.commit();
        shard.detach(producer);
        return List.copyOf(told);
    }

    @ParameterizedTest
    @ValueSource(longs = {DAY_US, -DAY_US, 0})
    void shouldKnowARepeatHoweverTheClockIsSet(long stepUs) {
        publishAndLeave(CHANNEL, INSTANCE, 2);
        setWall(stepUs);
        publishAndLeave(OTHER_CHANNEL, OTHER_INSTANCE, 1);
        pass(MEMORY_US / 2);
        publishAndLeave(CHANNEL, OTHER_INSTANCE, 1);

        assertEquals(List.of("counter 2", "published 2x1 at 2", "published 3x1 at 4"), comeAgain(2));
    }

    @ParameterizedTest
    @ValueSource(longs = {DAY_US, -DAY_US, 0})
    void shouldKnowARepeatAfterARestartHoweverTheClockIsSet(long stepUs) {
        publishAndLeave(CHANNEL, INSTANCE, 2);
        setWall(stepUs);
        publishAndLeave(OTHER_CHANNEL, OTHER_INSTANCE, 1);
        crash();
        setWall(stepUs);
        publishAndLeave(OTHER_CHANNEL, OTHER_INSTANCE, 1);
        pass(MEMORY_US / 2);
        publishAndLeave(CHANNEL, OTHER_INSTANCE, 1);

        assertEquals(List.of("counter 2", "published 2x1 at 2", "published 3x1 at 4"), comeAgain(2));
    }

    @ParameterizedTest
    @ValueSource(longs = {DAY_US, -DAY_US, 0})
    void shouldKnowWhatWasPublishedAfterTheClockWasSet(long stepUs) {
        publishAndLeave(OTHER_CHANNEL, OTHER_INSTANCE, 1);
        setWall(stepUs);
        publishAndLeave(CHANNEL, INSTANCE, 2);
        setWall(-stepUs);
        publishAndLeave(OTHER_CHANNEL, OTHER_INSTANCE, 1);
        crash();
        publishAndLeave(CHANNEL, OTHER_INSTANCE, 1);

        assertEquals(List.of("counter 2", "published 2x1 at 2", "published 3x1 at 4"), comeAgain(2));
    }

    /** It has left, and the memory of it is over, so that it is told to begin anew. */
    private void forget() {
        publishAndLeave(CHANNEL, INSTANCE, 3);
        pass(2 * MEMORY_US);
        publishAndLeave(CHANNEL, OTHER_INSTANCE, 1);
    }

    @Test
    void shouldForgetAnInstanceAfterItsTime() {
        forget();

        assertEquals(List.of("counter 0", "published 1x2 at 5"), comeAgain(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {DAY_US, -DAY_US, 0})
    void shouldNotTakeANewPublishForOneThatItHasForgotten(long stepUs) {
        forget();
        Producer producer = attach(CHANNEL, INSTANCE);
        assertEquals(0, lastCounter);
        assertNull(publish(producer, CHANNEL, 1)); // dies with the process, before it is committed
        crash();
        setWall(stepUs);

        assertEquals(List.of("counter 0", "published 1x2 at 5"), comeAgain(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {DAY_US, -DAY_US, 0})
    void shouldNotTakeANewPublishForAnOldOneWhenItsChannelIsLoadedAgain(long stepUs) {
        forget();
        Producer producer = attach(CHANNEL, INSTANCE);
        assertEquals(0, lastCounter);
        shard.detach(producer);
        setWall(stepUs);
        runningUs += 2 * IDLE_NS / 1_000;
        tick();
        assertEquals(0, shard.loadedChannelCount());

        assertEquals(List.of("counter 0", "published 1x2 at 5"), comeAgain(1));
    }

    @Test
    void shouldCountOnlyTheTimeInWhichItRuns() {
        publishAndLeave(CHANNEL, INSTANCE, 2);
        crash();
        setWall(DAY_US);
        publishAndLeave(CHANNEL, OTHER_INSTANCE, 1);
        assertEquals(List.of("counter 2", "published 2x1 at 2", "published 3x1 at 4"), comeAgain(2));

        settle();
        pass(2 * MEMORY_US);
        publishAndLeave(CHANNEL, OTHER_INSTANCE, 1);
        crash();
        assertEquals(List.of("counter 0", "published 1x2 at 6"), comeAgain(1));
    }

    private void loseTheIndex() {
        disk.crash(MemoryDisk.Kept.WRITTEN, false);
        disk.dropIndex(0);
        shard.close();
        storage.close();
        open();
    }

    @Test
    void shouldGoByTheDocumentsWhenTheIndexIsLost() {
        publishAndLeave(CHANNEL, OTHER_INSTANCE, 1);
        for (int i = 0; i < 130; i++) {
            pass(MEMORY_US / 64);
            publishAndLeave(OTHER_CHANNEL, OTHER_INSTANCE, 1);
        }
        publishAndLeave(CHANNEL, INSTANCE, 2);
        loseTheIndex();

        Producer forgotten = attach(CHANNEL, OTHER_INSTANCE);
        assertEquals(0, lastCounter);
        shard.detach(forgotten);
        assertEquals(List.of("counter 2", "published 2x1 at 3", "published 3x1 at 4"), comeAgain(2));
    }

    @ParameterizedTest
    @ValueSource(longs = {DAY_US, -DAY_US, 0})
    void shouldKnowARepeatWhenTheIndexIsLostHoweverTheClockWasSet(long stepUs) {
        publishAndLeave(CHANNEL, INSTANCE, 2);
        setWall(stepUs);
        publishAndLeave(OTHER_CHANNEL, OTHER_INSTANCE, 1);
        pass(MEMORY_US / 2);
        publishAndLeave(CHANNEL, OTHER_INSTANCE, 1);
        loseTheIndex();

        assertEquals(List.of("counter 2", "published 2x1 at 2", "published 3x1 at 4"), comeAgain(2));
    }
}
