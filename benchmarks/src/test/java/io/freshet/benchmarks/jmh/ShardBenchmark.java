package io.freshet.benchmarks.jmh;

import io.freshet.engine.Rate;
import io.freshet.engine.channel.KnownAttributes;
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
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.engine.routing.Attachment;
import io.freshet.engine.routing.BatchWindows;
import io.freshet.engine.routing.Producer;
import io.freshet.engine.routing.Publisher;
import io.freshet.engine.routing.Shard;
import io.freshet.engine.routing.ShardConfig;
import io.freshet.engine.routing.StateReads;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.concurrent.SystemEpochMicroClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Admission and fan-out without sessions, log and sockets: 256 canonical records of 128 bytes, acknowledged, are admitted by
 * a shard (nonce, sequence, time, copy into the batch), committed at once by a log that keeps nothing, kept in the recent
 * window and handed to every subscriber's outlet. The time is per publish; what 100 subscribers add to none, divided by 100,
 * is the share of one delivery.
 *
 * <pre>{@code mvn -q -DskipTests -Pjmh -pl benchmarks -am package -Djmh.args="ShardBenchmark -prof gc"}</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ShardBenchmark {
    private static final int RECORD_COUNT = 256;
    private static final int PAYLOAD_LENGTH = 128;
    private static final int FRAME_LENGTH = RecordFrame.frameLength(PAYLOAD_LENGTH);
    private static final int INSTANCE = 1;
    private static final long CHANNEL = 4;
    private static final long WINDOW_BYTES = 4 << 20;

    /** Subscribers of the one channel. */
    @Param({"0", "100"})
    public int subscriberCount;

    private final PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    private CycleClock clock;
    private Shard shard;
    private Feeds feeds;
    private @Nullable Producer producer;
    private ByteBuf read;
    private int counter;
    private long acknowledgedCount;
    private long deliveredLength;

    @Setup(Level.Trial)
    public void setUp() {
        clock = new CycleClock(SystemNanoClock.INSTANCE, new SystemEpochMicroClock());
        Ownership owner = new Ownership();
        owner.claim();
        ReactorCounters counters = new ReactorCounters(clock::readNs);
        feeds = new Feeds(WINDOW_BYTES, TimeUnit.HOURS.toNanos(1), clock, owner, channel -> {}, counters);
        DiscardingLog.Index index = new DiscardingLog.Index();
        shard = new Shard(
                new DiscardingLog(),
                index,
                new ShardConfig(
                        Durability.WRITTEN,
                        RECORD_COUNT,
                        TimeUnit.HOURS.toMicros(1),
                        Long.MAX_VALUE,
                        Rate.UNLIMITED,
                        0),
                reads(index.openReader()),
                (batch, interest) -> feeds.onBatch(batch),
                clock,
                owner,
                allocator,
                new BatchWindows(1, 0, 0),
                new ShardCounters(clock::readNs));
        shard.attach(CHANNEL, new Attachment(0, 1, INSTANCE, true, new CountingPublisher(), new TakingListener()));
        subscribe(counters);
        read = allocator.directBuffer(RECORD_COUNT * FRAME_LENGTH);
        for (int i = 0; i < RECORD_COUNT; i++) {
            RecordFrame.writeHead(read, 0, CHANNEL, 0, 0, 0, 0, PAYLOAD_LENGTH);
            read.writeZero(PAYLOAD_LENGTH);
        }
    }

    private void subscribe(ReactorCounters counters) {
        CountingOutlet outlet = new CountingOutlet();
        MemoryStorage storage =
                MemoryStorage.open(new MemoryDisk(), StorageConfig.builder().build());
        ReactorProxy reactor = new ReactorProxy(new Mailbox(1, 1), () -> {});
        ColdReader reader = new ColdReader(storage, allocator, 1, () -> {});
        ColdReads unused = new ColdReads(new ReaderProxy(reader, reactor, storage.shardCount()), 1, counters);
        for (int i = 0; i < subscriberCount; i++) {
            Feed feed = feeds.acquire(CHANNEL);
            ReadyList ready = new ReadyList();
            ready.add(feed.subscribe(outlet, 1));
            ready.pump(outlet, unused, 1);
        }
    }

    private static StateReads reads(IndexReader index) {
        return new StateReads() {
            @Override
            public <T> void submit(
                    Function<IndexReader, T> load, Consumer<T> answer, Consumer<RuntimeException> failure) {
                answer.accept(load.apply(index));
            }
        };
    }

    @Benchmark
    @OperationsPerInvocation(RECORD_COUNT)
    public long admitCommitAndFanOut() {
        clock.forget();
        Producer attached = producer;
        assert attached != null;
        for (int i = 0; i < RECORD_COUNT; i++) {
            int at = i * FRAME_LENGTH;
            read.setLongLE(at + RecordFrame.NONCE_OFFSET, (long) INSTANCE << 32 | Integer.toUnsignedLong(++counter));
            ErrorCode refusal = shard.publish(attached, read, at, FRAME_LENGTH);
            if (refusal != null) {
                throw new IllegalStateException("refused: " + refusal);
            }
        }
        shard.commit();
        return acknowledgedCount;
    }

    /** Also checks what was measured. */
    @TearDown(Level.Trial)
    public void tearDown() {
        long published = Integer.toUnsignedLong(counter);
        if (acknowledgedCount != published || deliveredLength != published * FRAME_LENGTH * subscriberCount) {
            throw new IllegalStateException(published + " published, " + acknowledgedCount + " acknowledged, "
                    + deliveredLength + " bytes delivered");
        }
        shard.close();
        feeds.close();
        read.release();
    }

    private final class CountingPublisher implements Publisher {
        @Override
        public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {
            acknowledgedCount += count;
        }

        @Override
        public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
            throw new IllegalStateException("refused: " + code);
        }
    }

    private final class TakingListener implements Attachment.Listener {
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
            throw new IllegalStateException("not attached: " + code);
        }
    }

    private final class CountingOutlet implements Outlet {
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
            deliveredLength += frames.readableBytes();
            frames.release();
        }

        @Override
        public void offerShared(ByteBuf frames) {
            offer(frames.retainedDuplicate());
        }

        @Override
        public void offerGap(long channel, long firstSequence, long count, GapReason reason) {
            throw new IllegalStateException("a gap");
        }

        @Override
        public void becameReady(Subscription subscription) {
            throw new IllegalStateException("nobody falls behind");
        }

        @Override
        public void readDone(Subscription subscription) {
            throw new IllegalStateException("nothing is read");
        }

        @Override
        public void failed(Subscription subscription) {
            throw new IllegalStateException("nothing is read");
        }
    }
}
