package io.freshet.engine.routing;

import io.freshet.engine.Rate;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryFaults;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

/** A shard with a log in memory, a clock that is given and an allocator that may fail, for a test. */
public final class TestShard implements Publisher, AutoCloseable {
    public static final long CHANNEL = 4;
    static final long MEMORY_US = 60_000_000;

    private static final long SENDER = 42;
    private static final int WINDOW = 16;
    private static final int AGENT_TURNS = 4;

    final ShardCounters counters = new ShardCounters(() -> 1);
    final ScarceAllocator allocator = new ScarceAllocator();
    final MemoryStorage storage;
    public final Shard shard;

    /** Gets what is committed too. */
    public CommitListener listener = (batch, interest) -> {};

    /** What publishers were told and what became visible, since it was asked last. */
    private final List<String> told = new ArrayList<>();

    private final CycleClock clock = new CycleClock(this::nowNs, this::nowUs);
    private long nowUs = 1_000_000_000;

    public TestShard(Durability durability) {
        storage = MemoryStorage.open(
                new MemoryDisk(),
                StorageConfig.builder().shardCount(1).checkpointRunCount(1).build());
        NonceFollower nonces = new NonceFollower(WINDOW, MEMORY_US, this::nowNs);
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
                new ShardConfig(durability, WINDOW, MEMORY_US, Long.MAX_VALUE, Rate.UNLIMITED, 0),
                reads,
                this::onBatch,
                clock,
                new Ownership(),
                allocator,
                new BatchWindows(1, 0, 0),
                counters);
    }

    private void onBatch(Batch batch, long interest) {
        told.add("visible " + batch.firstSequence() + ".." + batch.lastSequence());
        listener.onCommitted(batch, interest);
    }

    private long nowNs() {
        return nowUs * 1_000;
    }

    private long nowUs() {
        return nowUs;
    }

    void pass(long us) {
        nowUs += us;
        clock.forget();
    }

    /** What goes wrong in its log. */
    public MemoryFaults faults() {
        return storage.faults(0);
    }

    public Producer attach(int instance) {
        return attach(instance, this);
    }

    Producer attach(int instance, Publisher publisher) {
        List<Producer> attached = new ArrayList<>();
        shard.attach(CHANNEL, new Attachment(0, SENDER, instance, true, publisher, new Attachment.Listener() {
            @Override
            public void onAttached(
                    Producer producer,
                    int epoch,
                    long head,
                    long first,
                    int nonceCounter,
                    @Nullable KnownAttributes attributes) {
                attached.add(producer);
            }

            @Override
            public void onAttachFailed(ErrorCode code) {
                throw new AssertionError(code);
            }
        }));
        return attached.get(0);
    }

    public @Nullable ErrorCode publish(Producer producer, int counter, int payloadLength) {
        ByteBuf frame = frame(producer, counter, payloadLength);
        try {
            return shard.publish(producer, frame, 0, frame.readableBytes());
        } finally {
            frame.release();
        }
    }

    /** A publish as a client sends it; the caller owns it. */
    static ByteBuf frame(Producer producer, int counter, int payloadLength) {
        ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer();
        long nonce = (long) producer.instance() << 32 | Integer.toUnsignedLong(counter);
        RecordFrame.writeHead(frame, 0, CHANNEL, 0, 0, 0, nonce, payloadLength);
        return frame.writeZero(payloadLength);
    }

    List<String> told() {
        List<String> all = List.copyOf(told);
        told.clear();
        return all;
    }

    public void runAgents() throws Exception {
        for (int i = 0; i < AGENT_TURNS; i++) {
            for (Agent agent : storage.agents()) {
                agent.doWork();
            }
        }
    }

    /** Commits what is open and has the index follow. */
    void commitAndIndex() throws Exception {
        shard.commit();
        while (storage.index(0).indexedPosition() < storage.log(0).lastPosition()) {
            runAgents();
        }
    }

    @Override
    public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {
        told.add("published " + (int) firstNonce + "x" + count + " at " + firstSequence);
    }

    @Override
    public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
        told.add("refused " + (int) firstNonce + "x" + count + " " + code);
    }

    @Override
    public void close() {
        shard.close();
        storage.close();
    }
}
