package io.freshet.benchmarks.jmh;

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
import io.freshet.log.Durability;
import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemEpochMicroClock;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
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
 * History as one connection reads it, chunk by chunk of 64 KiB and without its socket: its subscriptions ask for chunks, the
 * reader finds them in the log, checks them and copies them, and the answers come back through the reactor's mailbox; all on
 * one thread. The log has {@link #RECORD_COUNT} records of 184 bytes, more than the reader keeps in memory: one channel in
 * documents of 256 records, as a saturated publisher writes it, or 64 channels in turn, a record a document. The time is per
 * record; about 355 of them are a chunk, which is what the little that is allocated comes from.
 *
 * <pre>{@code mvn -q -DskipTests -Pjmh -pl benchmarks -am package -Djmh.args="ColdReadBenchmark -prof gc"}</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 10)
public class ColdReadBenchmark {
    private static final int RECORD_COUNT = 512 * 1024;
    private static final int PAYLOAD_LENGTH = 128;
    private static final int FRAME_LENGTH = RecordFrame.frameLength(PAYLOAD_LENGTH);
    private static final int HEAD_LENGTH = FRAME_LENGTH - PAYLOAD_LENGTH;
    private static final int PREPARER = 1;
    private static final int TURNS = 16;

    /** How the log was written: channels, and records in a document. */
    public enum Written {
        SATURATED(1, 256),
        INTERLEAVED(64, 1);

        private final int channelCount;
        private final int recordCount;

        Written(int channelCount, int recordCount) {
            this.channelCount = channelCount;
            this.recordCount = recordCount;
        }
    }

    @Param
    public Written written;

    private ScratchDirectory directory;
    private Storage storage;
    private ColdReader reader;
    private ColdReads coldReads;
    private Feeds feeds;
    private Mailbox mailbox;
    private ReadyList ready;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final CollectingOutlet outlet = new CollectingOutlet();
    private long deliveredLength;

    @Setup(Level.Trial)
    public void setUp() throws Exception {
        directory = ScratchDirectory.create();
        storage = ChronicleStorage.open(
                directory.path().resolve("data"),
                StorageConfig.builder().shardCount(1).build());
        write();
        storage.index(0).catchUp();
        CycleClock clock = new CycleClock(SystemNanoClock.INSTANCE, new SystemEpochMicroClock());
        Ownership owner = new Ownership();
        owner.claim();
        ReactorCounters counters = new ReactorCounters(clock::readNs);
        feeds = new Feeds(1 << 20, TimeUnit.HOURS.toNanos(1), clock, owner, channel -> {}, counters);
        mailbox = new Mailbox(64, 1024);
        ReactorProxy reactor = new ReactorProxy(mailbox, () -> {});
        reader = new ColdReader(storage, PooledByteBufAllocator.DEFAULT, 1024, () -> {});
        reader.onStart();
        coldReads = new ColdReads(new ReaderProxy(reader, reactor, 1), 64, counters);
    }

    private void write() throws Exception {
        MessageLog log = storage.log(0);
        ByteBuf frames = PooledByteBufAllocator.DEFAULT.directBuffer(written.recordCount * FRAME_LENGTH);
        LogBatch batch = new LogBatch();
        int documentCount = RECORD_COUNT / written.recordCount;
        for (int channel = 0; channel < written.channelCount; channel++) {
            log.attach(channel, MessageLog.NULL_POSITION);
        }
        for (int i = 0; i < documentCount; i++) {
            int channel = i % written.channelCount;
            long sequence = (long) i / written.channelCount * written.recordCount + 1;
            frames.clear();
            for (int record = 0; record < written.recordCount; record++) {
                RecordFrame.writeHead(frames, 0, channel, sequence + record, 0, 0, 0, PAYLOAD_LENGTH);
                frames.writeZero(PAYLOAD_LENGTH);
            }
            batch.reset(i + 1L, Durability.WRITTEN);
            batch.startRun(channel, sequence, new UnsafeBuffer(frames.memoryAddress(), frames.readableBytes()), 0);
            for (int record = 0; record < written.recordCount; record++) {
                batch.addRecord(FRAME_LENGTH, HEAD_LENGTH);
            }
            if (log.append(batch) <= 0) {
                throw new IllegalStateException("refused");
            }
            if (i % 256 == 0) {
                storage.agents().get(PREPARER).doWork();
            }
        }
        frames.release();
    }

    /** New cursors at the first record of each channel. */
    @Setup(Level.Iteration)
    public void subscribe() {
        ready = new ReadyList();
        deliveredLength = 0;
        for (int channel = 0; channel < written.channelCount; channel++) {
            Feed feed = feeds.acquire(channel);
            feeds.headAtLeast(feed, RECORD_COUNT / written.channelCount);
            Subscription subscription = feed.subscribe(outlet, 1);
            subscriptions.add(subscription);
            ready.add(subscription);
        }
    }

    @Benchmark
    @OperationsPerInvocation(RECORD_COUNT)
    public long readAll() {
        while (!ready.isEmpty(outlet) || coldReads.underWayCount() > 0) {
            ready.pump(outlet, coldReads, TURNS);
            reader.doWork();
            mailbox.drain(Integer.MAX_VALUE);
        }
        return deliveredLength;
    }

    /** Also checks what was measured. */
    @TearDown(Level.Iteration)
    public void unsubscribe() {
        if (deliveredLength != (long) RECORD_COUNT * FRAME_LENGTH) {
            throw new IllegalStateException(deliveredLength + " bytes delivered");
        }
        for (Subscription subscription : subscriptions) {
            subscription.feed().unsubscribe(subscription);
            feeds.letGo(subscription.feed());
        }
        subscriptions.clear();
    }

    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        reader.onClose();
        feeds.close();
        storage.close();
        directory.close();
    }

    private final class CollectingOutlet implements Outlet {
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
            throw new IllegalStateException("nothing is published");
        }

        @Override
        public void offerGap(long channel, long firstSequence, long count, GapReason reason) {
            throw new IllegalStateException("a gap in channel " + channel + " at " + firstSequence);
        }

        @Override
        public void becameReady(Subscription subscription) {
            throw new IllegalStateException("nobody falls behind");
        }

        @Override
        public void readDone(Subscription subscription) {
            ready.readDone(subscription);
        }

        @Override
        public void failed(Subscription subscription) {
            throw new IllegalStateException("a read failed");
        }
    }
}
